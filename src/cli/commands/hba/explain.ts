import { Option } from "commander";
import type { AccessFacts } from "../../../database/contract/access";
import { UserError } from "../../../errors";
import { type ExplainedLine, explainHba, foldName, type HbaLogin, type Product } from "../../../hba";
import type { CommandSpec } from "../../command-spec";
import { warnOfJwt } from "../../input/server";
import { helpText } from "../../terminal/help";
import type { Io } from "../../terminal/io";
import { wrapped } from "../../terminal/layout";
import { STATUS } from "../../terminal/status";
import { warn } from "../../terminal/warn";
import { readSource, type SourceOptions, withSource } from "./source";

/** Which rule decides a login, and how. */
export const explain: CommandSpec = (group, io, act) => {
  withSource(group.command("explain"))
    .summary("walk through the rules for a login, and show which one decides")
    .description(
      "Walks through the rules for a login, and says of each why it matches or not. No login is attempted.",
    )
    .requiredOption("--user <name>", "who logs in")
    .requiredOption(
      "--address <address>",
      "the client's IP address as the server sees it, or local for a Unix socket",
    )
    .option("--database <name>", "default: the user's name")
    .option("--tls", "the connection is encrypted by TLS")
    .option("--certificate <name>", "over TLS with a client certificate of that common name")
    .option("--replication", "a physical replication connection (PostgreSQL)")
    .addOption(
      new Option(
        "--member-of <role>",
        "with a file: a role that the user is a member of, directly or not (repeatable)",
      )
        .argParser((role, roles: readonly string[] = []) => [...roles, role])
        .conflicts(["live", "url"]),
    )
    .addHelpText(
      "after",
      helpText(
        [
          "With --live and --url, what the server has stored for the user counts too. Exit status: 0 the login can succeed, 1 it fails, 2 it depends on something that is not known here, or the question cannot be answered.",
        ],
        "pulumi-scram hba explain --user app --address 10.1.2.3 --tls pg_hba.conf",
      ),
    )
    .action(
      act(async (file: string | undefined, options: SourceOptions & LoginOptions) => {
        const { text, product, version, facts } = await readSource(io, file, options);
        const login = loginOf(options, product, facts);
        const { match, lines } = explainHba(text, login, product, { ...version, ...facts?.context });
        io.out(`${wrapped(`${describeLogin(login)}:`, io.columns, "  ")}\n\n`);
        for (const line of lines) io.out(explained(io, line));
        const { outcome, reason, notUsed } = match;
        if (facts) warnOfJwt(io, facts);
        if (notUsed !== undefined) warn(io, `the server does not go by this text: ${notUsed}`);
        const { verdict, status } = OUTCOMES[outcome];
        io.out(`\n${wrapped(`${verdict}: ${reason}`, io.columns, "  ")}\n`);
        return status;
      }),
    );
};

interface LoginOptions {
  readonly user: string;
  readonly address: string;
  readonly database?: string;
  readonly tls?: boolean;
  readonly certificate?: string;
  readonly replication?: boolean;
  readonly memberOf?: readonly string[];
}

function loginOf(options: LoginOptions, product: Product, facts: AccessFacts | undefined): HbaLogin {
  const {
    user,
    address,
    database = user,
    certificate,
    tls = certificate !== undefined,
    replication = false,
  } = options;
  if (address === "local" && tls)
    throw new UserError("tls-by-socket", "a Unix socket carries no TLS", {
      hint: "leave out --tls and --certificate, or give an IP address",
    });
  // CockroachDB keeps names folded, and folds the one that wants in.
  const known = product === "cockroachdb" ? foldName(user) : user;
  const role = facts?.roles.find(({ name }) => name === known);
  return {
    user,
    address,
    database,
    tls,
    replication,
    ...(certificate !== undefined && { clientCertificate: { commonName: certificate } }),
    ...(options.memberOf !== undefined && { memberOf: options.memberOf }),
    storedHash: { kind: "unknown" },
    ...(facts && { exists: role !== undefined }),
    ...(role && {
      storedHash: role.storedHash,
      canLogin: role.login,
      expired: role.expired,
      memberOf: role.memberOf,
      ...(role.certificateSubject !== undefined && { certificateSubject: role.certificateSubject }),
    }),
  };
}

function describeLogin({ user, address, database, tls, clientCertificate, replication }: HbaLogin): string {
  const from = address === "local" ? "over a Unix socket" : `from ${address} ${tls ? "with" : "without"} TLS`;
  const certificate =
    clientCertificate === undefined ? "" : `, with a certificate of "${clientCertificate.commonName}"`;
  const what = replication ? "replication" : `database "${database}"`;
  return `user "${user}" to ${what}, ${from}${certificate}`;
}

const OUTCOMES = {
  succeeds: { verdict: "The login can succeed", status: STATUS.yes },
  fails: { verdict: "The login fails", status: STATUS.no },
  unknown: { verdict: "It depends on what is not known here", status: STATUS.trouble },
} as const;

const GUTTER = 10;

function explained(io: Io, { line, reached, matches, because }: ExplainedLine): string {
  const place = line.kind === "rule" && line.line === undefined ? "built-in" : String(line.line);
  const rule = wrapped(`${place.padEnd(GUTTER)}${line.text}`, io.columns, " ".repeat(GUTTER + 2));
  const verdict = reached ? `${matches}: ${because}` : "not reached";
  return `${rule}\n${wrapped(`${" ".repeat(GUTTER)}${verdict}`, io.columns, " ".repeat(GUTTER + 2))}\n`;
}
