import { readFileSync, writeFileSync } from "node:fs";
import { type Command, Option } from "commander";
import type { AccessFacts } from "../../database/access";
import {
  type ExplainedLine,
  explainHba,
  formatHba,
  type HbaFinding,
  type HbaLogin,
  lintHba,
  type Product,
  parseHbaLeniently,
} from "../../hba";
import { ScramError } from "../../scram/error";
import { type FailOn, failOnOption, statusOf } from "../fail-on";
import { helpText } from "../help";
import type { Io } from "../io";
import { colored, printable, wrapped } from "../layout";
import { textOf, warn } from "../password";
import type { CommandSpec } from "../run";
import { openServer, URL_HELP } from "../server";
import { STATUS } from "../status";

/** HBA rules, of a file or in force on a server. */
export const hba: CommandSpec = (program, io, act) => {
  const group = program
    .command("hba")
    .summary("lint, explain and format HBA rules")
    .description("HBA rules: PostgreSQL's pg_hba.conf, CockroachDB's host-based authentication setting.");

  withSource(group.command("lint"))
    .summary("find what is refused, cannot work, or is dangerous")
    .description(
      "Finds what the server would refuse, what cannot work and what is dangerous, by line and column.",
    )
    .option("--json", "for machines")
    .addOption(failOnOption())
    .addHelpText("after", helpText([], "pulumi-scram hba lint --fail-on warning pg_hba.conf"))
    .action(
      act(async (file: string | undefined, options: SourceOptions & { json?: boolean; failOn: FailOn }) => {
        const { text, name, product, version, facts } = await readSource(io, file, options);
        const findings = lintHba(text, product, {
          ...version,
          ...(facts && { roles: facts.roles.map(({ login, ...role }) => ({ ...role, canLogin: login })) }),
        });
        if (options.json) io.out(`${JSON.stringify({ source: name, findings }, null, 2)}\n`);
        else for (const finding of findings) io.out(describe(io, name, finding));
        return statusOf(
          findings.map(({ severity }) => severity),
          options.failOn,
        );
      }),
    );

  withSource(group.command("explain"))
    .summary("walk the rules for a login, and say which decides")
    .description("Walks the rules for a login, and says of each why it matches or not. Nobody logs in.")
    .requiredOption("--user <name>", "who wants in")
    .requiredOption(
      "--address <address>",
      "the client's IP address as the server sees it, or local for a Unix socket",
    )
    .option("--database <name>", "default: as the user")
    .option("--tls", "the connection is encrypted by TLS")
    .option("--certificate <name>", "over TLS with a client certificate of that common name")
    .option("--replication", "a physical replication connection (PostgreSQL)")
    .option("--member-of <role...>", "of a file: the roles that the user is a member of, directly or not")
    .addHelpText(
      "after",
      helpText(
        [
          "Of a server's own rules (--live, --url), what it has stored of the user counts too. Exit status: 0 the login can succeed, 1 it fails, 2 it depends on what is not known here.",
        ],
        "pulumi-scram hba explain --user app --address 10.1.2.3 --tls pg_hba.conf",
      ),
    )
    .action(
      act(async (file: string | undefined, options: SourceOptions & LoginOptions) => {
        const { text, product, version, facts } = await readSource(io, file, options);
        const login = loginOf(options, facts);
        const { match, lines } = explainHba(text, login, product, { ...version, ...facts?.context });
        io.out(`${wrapped(`${describeLogin(login)}:`, io.columns, "  ")}\n\n`);
        for (const line of lines) io.out(explained(io, line));
        const { outcome, reason, notUsed } = match;
        if (notUsed !== undefined) warn(io, `the server does not go by this text: ${notUsed}`);
        const { verdict, status } = OUTCOMES[outcome];
        io.out(`\n${wrapped(printable(`${verdict}: ${reason}`), io.columns, "  ")}\n`);
        return status;
      }),
    );

  withSource(group.command("format"))
    .summary("align the columns")
    .description("Aligns the columns. Comments, quoting and the order of the lines stay.")
    .option("--check", "print nothing, and exit with 1 when there is something to align")
    .option("--write", "into the file itself")
    .addHelpText("after", helpText([], "pulumi-scram hba format --write pg_hba.conf"))
    .action(
      act(async (file: string | undefined, options: SourceOptions & { check?: boolean; write?: boolean }) => {
        const { text, product, version, path } = await readSource(io, file, options);
        const formatted = formatHba(parseHbaLeniently(text, product, version), { normalise: true });
        if (options.check) return formatted === text ? STATUS.yes : STATUS.no;
        if (!options.write) io.out(formatted);
        else if (path === undefined) throw new ScramError("no-file", "--write takes a file");
        else if (formatted !== text) attempt("write", path, () => writeFileSync(path, formatted));
        return STATUS.yes;
      }),
    );
};

interface SourceOptions {
  readonly product: Product;
  readonly productVersion?: string;
  readonly live?: boolean;
  readonly url?: string;
}

function withSource(command: Command): Command {
  return command
    .argument("[file]", "the rules (default, and -: standard input)")
    .addOption(
      new Option("--product <product>", "whose language they are in")
        .choices(["postgresql", "cockroachdb"])
        .default("postgresql"),
    )
    .option("--product-version <version>", "of the server they are for (default: the newest known)")
    .option("--live", "instead of a file, the rules in force on the server that the environment names")
    .option("--url <url>", `as --live: ${URL_HELP}`);
}

interface Source {
  readonly text: string;
  /** For findings. */
  readonly name: string;
  readonly path?: string;
  readonly product: Product;
  readonly version: { readonly version?: string };
  /** Of a server. */
  readonly facts?: AccessFacts;
}

async function readSource(
  io: Io,
  file: string | undefined,
  { product, productVersion, live, url }: SourceOptions,
): Promise<Source> {
  if (live || url !== undefined) {
    if (file !== undefined) throw new ScramError("two-sources", "give a file, or --live or --url, not both");
    const database = await openServer(io, url);
    const { text } = await database.hba.read();
    if (text === undefined)
      throw new ScramError(
        "hba-hidden",
        `this administrator may not see the HBA rules of ${database.server}`,
      );
    const facts = await database.hba.facts();
    const { version } = facts.context;
    return {
      text,
      name: database.server,
      product: database.product,
      version: version === undefined ? {} : { version },
      facts,
    };
  }
  const version = productVersion === undefined ? {} : { version: productVersion };
  if (file === undefined || file === "-")
    return { text: textOf(await io.readInput()), name: "-", product, version };
  const text = textOf(attempt("read", file, () => readFileSync(file)));
  return { text, name: file, path: file, product, version };
}

function attempt<T>(verb: string, file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new ScramError("file", `cannot ${verb} ${file} [${code}]`);
  }
}

function describe(io: Io, name: string, { line, column, severity, code, message, hint }: HbaFinding): string {
  const place = line === 0 ? name : `${name}:${line}:${column}`;
  const text = printable(
    `${place}: ${severity}: ${message}${hint === undefined ? "" : ` (${hint})`} [${code}]`,
  );
  return `${colored(io, severity, wrapped(text, io.columns, "    "))}\n`;
}

interface LoginOptions {
  readonly user: string;
  readonly address: string;
  readonly database?: string;
  readonly tls?: boolean;
  readonly certificate?: string;
  readonly replication?: boolean;
  readonly memberOf?: readonly string[];
}

function loginOf(options: LoginOptions, facts: AccessFacts | undefined): HbaLogin {
  const {
    user,
    address,
    database = user,
    certificate,
    tls = certificate !== undefined,
    replication = false,
  } = options;
  const role = facts?.roles.find(({ name }) => name === user);
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
    }),
  };
}

function describeLogin({ user, address, database, tls, clientCertificate, replication }: HbaLogin): string {
  const from = address === "local" ? "over a Unix socket" : `from ${address} ${tls ? "with" : "without"} TLS`;
  const certificate =
    clientCertificate === undefined ? "" : `, with a certificate of "${clientCertificate.commonName}"`;
  const what = replication ? "replication" : `database "${database}"`;
  return printable(`user "${user}" to ${what}, ${from}${certificate}`);
}

const OUTCOMES = {
  succeeds: { verdict: "The login can succeed", status: STATUS.yes },
  fails: { verdict: "The login fails", status: STATUS.no },
  unknown: { verdict: "It depends on what is not known here", status: STATUS.trouble },
} as const;

const GUTTER = 10;

function explained(io: Io, { line, reached, matches, because }: ExplainedLine): string {
  const place = line.kind === "rule" && line.line === undefined ? "built-in" : String(line.line);
  const rule = wrapped(`${place.padEnd(GUTTER)}${printable(line.text)}`, io.columns, " ".repeat(GUTTER + 2));
  const verdict = reached ? `${matches}: ${because}` : "not reached";
  return `${rule}\n${wrapped(`${" ".repeat(GUTTER)}${printable(verdict)}`, io.columns, " ".repeat(GUTTER + 2))}\n`;
}
