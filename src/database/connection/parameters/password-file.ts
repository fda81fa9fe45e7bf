import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../../errors";
import type { Host } from "./host";
import type { Environment } from "./parameters";

/** libpq's, where neither the connection nor PGPASSFILE names one. */
export function defaultPasswordFile({ APPDATA }: Environment): string {
  if (process.platform !== "win32") return join(homedir(), ".pgpass");
  return join(APPDATA ?? homedir(), "postgresql", "pgpass.conf");
}

/**
 * The password for a host in a password file (PostgreSQL documentation, 34.16); empty when there is none.
 *
 * @throws UserError `connection-passfile` for one that others may read: libpq warns and does without
 */
export async function passwordFromFile(
  file: string,
  { host, port }: Host,
  database: string,
  user: string,
): Promise<string> {
  const text = read(file);
  const wanted = [host, String(port), database, user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    // A colon or a backslash in a field has a backslash before it.
    const fields = Array.from(line.matchAll(/((?:\\.|[^:])*)(?::|$)/g), ([, field = ""]) => field);
    const matches = wanted.every((value, i) => fields[i] === "*" || unescaped(fields[i]) === value);
    if (matches) return unescaped(fields[4]) ?? "";
  }
  return "";
}

function unescaped(field: string | undefined): string | undefined {
  return field?.replace(/\\(.)/g, "$1");
}

function read(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.isFile()) return "";
  if (process.platform !== "win32" && (stats.mode & 0o077) !== 0) {
    throw new UserError(
      "connection-passfile",
      `others may use the password file ${file}, so it is not used`,
      {
        hint: `run chmod 0600 ${file}`,
      },
    );
  }
  return readFileSync(file, "utf8");
}
