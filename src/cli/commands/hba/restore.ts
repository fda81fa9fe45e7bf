import { describeLeftover } from "../../../database/contract/access";
import { isShutOut } from "../../../database/session/errors";
import { UserError } from "../../../errors";
import { printable } from "../../../printable";
import type { CommandSpec } from "../../command-spec";
import { openServer, URL_HELP } from "../../input/server";
import { helpText } from "../../terminal/help";
import type { Io } from "../../terminal/io";
import { STATUS } from "../../terminal/status";

/** The files are what is left then. */
const WITHOUT_LOGIN = `Where nobody can log in: on the server, as the user that PostgreSQL runs as, look
for pg_hba.conf.pulumi-scram-before beside pg_hba.conf or in the data directory. If it
is there and not empty, it is the text from before a write that was interrupted:

  cp pg_hba.conf.pulumi-scram-before pg_hba.conf
  pg_ctl reload -D <data directory>

If not, put a line of your own first in pg_hba.conf, such as
\`local all postgres peer\`, and reload. More: docs/reference/command.md
`;

/** What a write that was interrupted has left. */
export const restore: CommandSpec = (group, io, act) => {
  group
    .command("restore")
    .summary("put back the rules from before a write that was interrupted (PostgreSQL)")
    .description(
      "Puts back the rules from before a write that was interrupted, by a crash of the server for instance, unless somebody else's have taken their place. The next pulumi up that changes the rules does the same.",
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
        const { server, leftover } = await settle(io, url);
        const words =
          leftover === undefined
            ? `no write of the HBA rules of ${server} was interrupted`
            : describeLeftover(leftover, server);
        io.out(`${printable(words)}\n`);
        return leftover?.isPutBack === false ? STATUS.no : STATUS.yes;
      }),
    );
};

/** @throws UserError, after what is left to do where nobody gets in */
async function settle(io: Io, url: string | undefined) {
  try {
    const { server, product, hba } = await openServer(io, url);
    if (product === "cockroachdb") {
      throw new UserError("wrong-product", "hba restore is for PostgreSQL, and the server is CockroachDB", {
        hint: "RESET CLUSTER SETTING server.host_based_authentication.configuration goes back to the built-in rules",
      });
    }
    const { leftover } = await hba.settle();
    return { server, leftover };
  } catch (error) {
    if (isShutOut(error)) io.err(`${WITHOUT_LOGIN}\n`);
    throw error;
  }
}
