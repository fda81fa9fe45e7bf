import type { HbaEntry, HbaFile } from "./model";
import { SECRET_OPTION } from "./parse/parse-options";

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
      : line.kind === "invalid" && /ldapbindpasswd|radiussecrets|(?:passw|pwd|secret)\w*=/i.test(line.text),
  );
}
