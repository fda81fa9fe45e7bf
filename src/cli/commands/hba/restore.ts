import { describeLeftover } from "../../../database/access";
import { ScramError } from "../../../scram/error";
import { helpText } from "../../help";
import type { Io } from "../../io";
import { printable } from "../../layout";
import type { CommandSpec } from "../../run";
import { openServer, URL_HELP } from "../../server";
import { STATUS } from "../../status";

/** Where nobody can log in any more, the server's files are what is left. */
const WITHOUT_LOGIN = `Where nobody can log in, on the server, as the user that PostgreSQL runs as
(a directory is in postgresql.conf or, by default, the data directory):

  cd <the directory of pg_hba.conf>
  mv pg_hba.conf.pulumi-scram-before pg_hba.conf
  rm pg_hba.conf.pulumi-scram-after
  pg_ctl reload -D <the data directory>

Without pg_hba.conf.pulumi-scram-before there or in the data directory, no write was
interrupted: put a line of your own first, such as \`local all postgres peer\`, and
reload.
`;

/** What a write that was interrupted has left. */
export const restore: CommandSpec = (group, io, act) => {
  group
    .command("restore")
    .summary("put back the rules from before a write that was interrupted (PostgreSQL)")
    .description(
      "Puts back the rules from before a write that was interrupted, by a crash of the server for instance, unless somebody else's have taken their place. The next pulumi up does the same.",
    )
    .option("--url <url>", URL_HELP)
    .addHelpText(
      "after",
      `${helpText(
        [
          "Exit status: 0 the rules from before are back, or no write was interrupted; 1 somebody else's rules are there, and were left alone; 2 an error.",
        ],
        "pulumi-scram hba restore",
      )}\n\n${WITHOUT_LOGIN}`,
    )
    .action(
      act(async ({ url }: { readonly url?: string }) => {
        const { leftover, server } = await settle(io, url);
        const words =
          leftover === undefined
            ? `no write of the HBA rules of ${server} was interrupted`
            : describeLeftover(leftover, server);
        io.out(`${printable(words)}\n`);
        return leftover?.isPutBack === false ? STATUS.no : STATUS.yes;
      }),
    );
};

async function settle(io: Io, url: string | undefined) {
  try {
    const { server, hba } = await openServer(io, url);
    const { leftover } = await hba.settle();
    return { server, leftover };
  } catch (error) {
    if (error instanceof ScramError && error.code !== "connection-missing") io.err(`${WITHOUT_LOGIN}\n`);
    throw error;
  }
}
