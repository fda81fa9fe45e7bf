import type { Database } from "../../database/contract/database";
import type { Role } from "../../database/contract/role";
import { UserError } from "../../errors";
import { classifyStoredHash } from "../../scram";
import type { CommandSpec } from "../command-spec";
import { openServer, URL_HELP } from "../input/server";
import { helpText } from "../terminal/help";
import { STATUS } from "../terminal/status";
import { warn } from "../terminal/warn";
import { unfitForUserlist, userlistLine } from "./userlist-line";

/** PgBouncer's userlist.txt. */
export const userlist: CommandSpec = (program, io, act) => {
  program
    .command("userlist")
    .summary("print PgBouncer's userlist.txt")
    .description(
      "Prints lines for PgBouncer's userlist.txt (auth_file), with the hashes that the server has stored.",
    )
    .argument(
      "[names...]",
      "the users (default: all who may log in and have a SCRAM verifier or an md5 hash)",
    )
    .option("--url <url>", URL_HELP)
    .addHelpText(
      "after",
      helpText(
        [
          "The lines contain the hashes as the server stores them, and PgBouncer logs in with them: they are secrets.",
        ],
        "(umask 077; pulumi-scram userlist app reporting > userlist.txt)",
      ),
    )
    .action(
      act(async (given: readonly string[], { url }: { url?: string }) => {
        const database = await openServer(io, url);
        const names = given.length > 0 ? [...new Set(given)] : await loginNames(database);
        const roles = await Promise.all(names.map((name) => roleOf(database, name)));
        const left = roles.map(unfit);
        // Named, all of them are wanted, and a file that lacks one would lock it out.
        const missing = left.find((reason) => reason !== undefined);
        if (given.length > 0 && missing !== undefined) throw new UserError("not-for-pgbouncer", missing);
        for (const [i, { name, storedHash }] of roles.entries()) {
          const reason = left[i];
          if (reason !== undefined) warn(io, `left out: ${reason}`);
          else if (storedHash.readable) {
            if (classifyStoredHash(storedHash.hash).kind === "md5") warn(io, md5Line(name));
            io.out(`${userlistLine(name, storedHash.hash ?? "")}\n`);
          }
        }
        return STATUS.yes;
      }),
    );
};

function md5Line(name: string): string {
  return `user "${name}" has an md5 hash, with which PgBouncer lets nobody in where its auth_type is scram-sha-256; a SCRAM verifier does for auth_type md5 too`;
}

async function loginNames(database: Database): Promise<string[]> {
  const { roles } = await database.hba.facts();
  return roles.filter(({ login }) => login).map(({ name }) => name);
}

async function roleOf(database: Database, name: string): Promise<Role> {
  const role = await database.findRole(name);
  if (role === undefined)
    throw new UserError("no-such-user", `there is no user "${name}" on ${database.server}`);
  if (!role.storedHash.readable)
    throw new UserError(
      "hashes-hidden",
      `the administrator may not read password hashes on ${database.server}`,
      {
        hint: "that takes a superuser on PostgreSQL, an admin on CockroachDB",
      },
    );
  return role;
}

/** Why a role has no place in the file. */
function unfit({ name, storedHash }: Role): string | undefined {
  const { kind } = classifyStoredHash(storedHash.readable ? storedHash.hash : null);
  const who = `user "${name}"`;
  const unfit = unfitForUserlist(name);
  if (unfit !== undefined) return unfit;
  if (kind === "scram-sha-256" || kind === "md5") return undefined;
  return kind === "none"
    ? `${who} has no password`
    : `${who} has a hash (${kind}) that PgBouncer does not support`;
}
