import type { HbaEntry, HbaFile } from "./model";
import { SECRET_OPTION } from "./parse/parse-options";

/** Of a rule in a finding: its lists may have thousands of names, and be quoted in as many findings. */
export const MAX_QUOTED = 200;

/** A rule in one line, for messages: passwords among its options hidden. */
export function describeEntry({ connection, databases, users, address, method, options }: HbaEntry): string {
  const list = (tokens: HbaEntry["users"]) => tokens.map((token) => token.raw).join(",");
  const mask = address?.kind === "network" ? address.mask : undefined;
  const columns = [connection.token, address?.token, mask, method];
  const [type = "", ...rest] = columns.map((token) => token?.raw ?? "");
  const given = options.map(({ name, value, token }) => {
    if (SECRET_OPTION.test(name)) return `${name}=<hidden>`;
    return token.raw.endsWith("=") ? `${name}="${value}"` : token.raw;
  });
  return [type, list(databases), list(users), ...rest, ...given].filter((column) => column !== "").join(" ");
}

/** Whether the text holds a password, of an LDAP or RADIUS server: then all of it is a secret. */
export function holdsSecret(file: HbaFile): boolean {
  return file.lines.some((line) =>
    line.kind === "rule"
      ? line.entry.options.some(({ name }) => SECRET_OPTION.test(name))
      : line.kind === "invalid" && mayHoldSecret(line.text),
  );
}

/** Word by word: one expression for all of it would begin anew at each of many `pwd`. */
function mayHoldSecret(text: string): boolean {
  const words = text.match(/\w+=?/g) ?? [];
  return words.some((word) =>
    (word.endsWith("=") ? /passw|pwd|secret/i : /ldapbindpasswd|radiussecrets/i).test(word),
  );
}
