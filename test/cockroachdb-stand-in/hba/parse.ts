import type { Profile } from "../profile";
import { SqlError, unimplemented } from "../wire/sql-error";
import { applyMask, parseCidr, parseIp, type Range } from "./address";
import { type Field, type HbaLine, type HbaToken, scanHba } from "./scan";

export interface HbaEntry {
  readonly type: "local" | "host" | "hostssl" | "hostnossl" | "loopback";
  readonly databases: Field;
  readonly users: Field;
  /** Absent for `local`. */
  readonly address?: "all" | Range | { readonly host: string };
  /** Facts 1.2: a mask makes another structure of the same range, which matters for the root rule. */
  readonly byMask?: true;
  readonly method: HbaToken;
  readonly options: readonly (readonly [name: string, value: string])[];
}

const TYPES = ["local", "host", "hostssl", "hostnossl", "loopback"] as const;

const HINTS = {
  type: "Specify exactly one connection type per line.",
  address: "Specify one address range per line.",
  mask: "Specify an address range in CIDR notation, or provide a separate netmask.",
  method: "Specify exactly one authentication method per line.",
};

export function parseHba(text: string, profile: Profile): readonly HbaEntry[] {
  return scanHba(text, profile).map((line) => new LineParser(line, profile).parse());
}

/** Facts 1.2, row by row. */
class LineParser {
  readonly #line: HbaLine;
  readonly #profile: Profile;
  #at = 0;

  constructor(line: HbaLine, profile: Profile) {
    this.#line = line;
    this.#profile = profile;
  }

  parse(): HbaEntry {
    const type = this.#type();
    const databases = this.#field("database specification");
    const users = this.#field("role specification");
    const address = type === "local" ? {} : this.#address();
    const method = this.#method();
    const options = this.#line.fields.slice(this.#at).flatMap((field) => this.#options(field));
    return { type, databases, users, ...address, method, options };
  }

  #type(): HbaEntry["type"] {
    const { value } = this.#single(this.#field("connection type"), "connection type", HINTS.type);
    // Facts 1.2: `loopback` is known to newer versions only.
    const known = TYPES.filter((candidate) => candidate !== "loopback" || this.#profile.loopbackRule);
    const type = known.find((candidate) => candidate === value);
    return type ?? this.#fail(`unknown connection type: ${JSON.stringify(value)}`);
  }

  #address(): Pick<HbaEntry, "address" | "byMask"> {
    const field = this.#field("IP address specification");
    const { value, quoted } = this.#single(field, "host address", HINTS.address);
    if (value === "") this.#fail("cannot use empty string as address");
    if (!quoted && value === "all") return { address: "all" };
    if (!quoted && (value === "samehost" || value === "samenet")) {
      const { code, message } = unimplemented(`address specification ${value} is not yet supported`);
      this.#fail(message, { code });
    }
    if (value.includes("/")) {
      return { address: parseCidr(value) ?? this.#fail(`invalid CIDR address: ${value}`) };
    }
    const ip = parseIp(value);
    return ip === undefined ? { address: { host: value } } : { address: this.#mask(ip), byMask: true };
  }

  #mask(ip: Buffer): Range {
    const { value } = this.#single(this.#field("netmask specification", HINTS.mask), "netmask");
    const mask = parseIp(value);
    if (mask === undefined) this.#fail(`invalid IP mask "${value}": netmask not in IP numeric format`);
    const range = applyMask(ip, mask);
    if (range === "not a mask") this.#fail(`invalid IP mask "${value}": address is not a mask`);
    return range === "no match" ? this.#fail("IP address and mask do not match") : range;
  }

  #method(): HbaToken {
    const method = this.#single(this.#field("authentication method"), "authentication method", HINTS.method);
    if (method.value === "") this.#fail("cannot use empty string as authentication method");
    return method;
  }

  /** A field may hold several; one that ends in `=` takes the next token, in newer versions all that follow. */
  #options(field: Field): (readonly [string, string])[] {
    const options: (readonly [string, string])[] = [];
    for (let i = 0; i < field.length; i++) {
      const text = field[i]?.value ?? "";
      const equals = text.indexOf("=");
      if (equals < 0) this.#notAnOption(text);
      const name = text.slice(0, equals);
      let value = text.slice(equals + 1);
      if (value === "" && this.#profile.newScanner) {
        const rest = field.slice(i + 1, this.#profile.joinsOptionTokens ? undefined : i + 2);
        if (rest.length === 0) this.#notAnOption(text);
        value = rest.map((token) => token.value).join(", ");
        i += rest.length;
      }
      options.push([name, value]);
    }
    return options;
  }

  #notAnOption(text: string): never {
    return this.#fail(`authentication option not in name=value format: ${text}`);
  }

  #field(missing: string, hint?: string): Field {
    return this.#line.fields[this.#at++] ?? this.#fail(`end-of-line before ${missing}`, { hint });
  }

  #single(field: Field, subject: string, hint?: string): HbaToken {
    const [token, more] = field;
    if (token === undefined || more !== undefined)
      this.#fail(`multiple values specified for ${subject}`, { hint });
    return token;
  }

  #fail(message: string, { code = "F0000", hint }: { code?: string; hint?: string | undefined } = {}): never {
    throw new SqlError(code, `line ${this.#line.number}: ${message}`, { hint });
  }
}
