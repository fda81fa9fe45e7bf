import type { ConnectionSettings } from "../../database/connection/parameters/settings";
import { variableOfServer } from "../../database/connection/parameters/values";
import type { AccessFacts } from "../../database/contract/access";
import type { Database } from "../../database/contract/database";
import { openDatabase } from "../../database/open";
import { UserError } from "../../errors";
import type { Io } from "../terminal/io";
import { warn } from "../terminal/warn";

export const URL_HELP =
  "the server, as its administrator (default: SCRAM_DATABASE_URL, or PGHOST, PGHOSTADDR or PGSERVICE and libpq's other variables)";

/** The database of `--url`, or the one that the environment names. @throws UserError */
export async function openServer(io: Io, url: string | undefined): Promise<Database> {
  return openDatabase(serverSettings(io, url));
}

/** @throws UserError `connection-missing` */
function serverSettings(io: Io, url: string | undefined, env = process.env): ConnectionSettings | null {
  if (url !== undefined) {
    if (holdsPassword(url))
      warn(
        io,
        "the password in --url is seen by whoever lists processes; SCRAM_DATABASE_URL or PGPASSWORD keeps it from them",
      );
    return url;
  }
  if (env.SCRAM_DATABASE_URL) return env.SCRAM_DATABASE_URL;
  if (variableOfServer(env) !== undefined) return null;
  throw new UserError("connection-missing", "no server is named", {
    hint: "give --url, or set SCRAM_DATABASE_URL, PGHOST, PGHOSTADDR or PGSERVICE",
  });
}

/** What is read of PostgreSQL is its file; it tells nobody which rules it has loaded. */
export function warnOfEditedFile(io: Io): void {
  warn(
    io,
    "pg_hba.conf has been changed since the server loaded it: this is about the file, not about the rules in force; pg_reload_conf() loads it",
  );
}

/** What this is about is not all there is. */
export function warnOfJwt(io: Io, { context }: AccessFacts): void {
  if (context.settings?.jwtAuthentication) {
    warn(
      io,
      "a login with a JSON Web Token goes round the HBA rules: server.jwt_authentication.enabled is on",
    );
  }
}

/** Before the host, or as a parameter. */
export function holdsPassword(url: string): boolean {
  const [, query = ""] = url.split(/\?(.*)/s);
  return /^[a-z]+:\/\/[^@/?]*:[^@/?]+@/i.test(url) || Boolean(new URLSearchParams(query).get("password"));
}
