import type { Finding } from "../../audit/finding";
import { type Audit, type AuditedUser, auditUsers } from "../../audit/users";
import type { Database } from "../../database/contract/database";
import { lacksPrivilege } from "../../database/session/sqlstate";
import { UserError } from "../../errors";
import { type HbaFile, type HbaMatchContext, parseHbaLeniently } from "../../hba";
import { prepareRules } from "../../hba/match/prepare";
import type { CommandSpec } from "../command-spec";
import { type FailOn, failOnOption, statusOf } from "../input/fail-on";
import { openServer, URL_HELP, warnOfEditedFile, warnOfJwt } from "../input/server";
import { helpText } from "../terminal/help";
import type { Io } from "../terminal/io";
import { json } from "../terminal/json";
import { colored, shortened, table, wrapped } from "../terminal/layout";
import { warn } from "../terminal/warn";
import { waysCell } from "../terminal/ways-cell";

interface Options {
  readonly url?: string;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly failOn: FailOn;
}

/** The users of a server, their hashes and the rules that apply to them. */
export const users: CommandSpec = (program, io, act) => {
  program
    .command("users")
    .summary("list users, their hashes, the rules that apply, and what should change")
    .description(
      "Lists the users of a server: what is stored for their passwords, which HBA rules they can log in by, and what should change. Nothing is changed.",
    )
    .option("--url <url>", URL_HELP)
    .option("--all", "include groups: roles that may not log in and have no password")
    .option("--json", "for machines (docs/reference/users.schema.json)")
    .addOption(failOnOption())
    .addHelpText(
      "after",
      helpText(
        [
          'Under "rules" are the lines by which the user may log in, and what is asked there. Exit status: 1 if there is a finding that --fail-on asks about, 2 for an error, else 0.',
        ],
        "pulumi-scram users --fail-on warning",
        "pulumi-scram users --json | jq .summary.toConvert",
      ),
    )
    .action(
      act(async ({ url, all = false, json: forMachines = false, failOn }: Options) => {
        const database = await openServer(io, url);
        const facts = await database.hba.facts();
        const rules = await readRules(io, database, facts.context);
        warnOfJwt(io, facts);
        if (!facts.hashesReadable) warn(io, "this administrator may not read password hashes");
        const audit = auditUsers(facts, rules, database.product, { all });
        if (forMachines) io.out(json({ product: database.product, server: database.server, ...audit }, 2));
        else print(io, audit);
        return statusOf(
          audit.users.flatMap(({ findings }) => findings.map(({ severity }) => severity)),
          failOn,
        );
      }),
    );
};

/** `undefined` where the administrator may not read them. */
async function readRules(io: Io, database: Database, context: HbaMatchContext): Promise<HbaFile | undefined> {
  try {
    const { text, isEdited } = await database.hba.read();
    if (isEdited) warnOfEditedFile(io);
    if (text !== undefined) {
      const { version } = context;
      const rules = parseHbaLeniently(text, database.product, version === undefined ? {} : { version });
      const { notUsed } = prepareRules(rules, database.product, context);
      if (notUsed !== undefined) warn(io, notUsed + inItsPlace(database));
      return rules;
    }
  } catch (error) {
    if (!(error instanceof UserError && lacksPrivilege(error))) throw error;
  }
  warn(io, "this administrator may not read the HBA rules: which of them apply is not known");
  return undefined;
}

/** CockroachDB's default is known. */
function inItsPlace({ product }: Database): string {
  return product === "postgresql" ? " and keeps the rules it had before, which are not known here" : "";
}

/** Room for the other columns beside a name, on a line of 80. */
const MAX_NAME = 30;
const INDENT = "    ";

function print(io: Io, { users, summary }: Audit): void {
  const [header = "", ...rows] = table([["user", "hash", "expires", "rules"], ...users.map(cells)]);
  io.out(`${header}\n`);
  for (const [i, row] of rows.entries()) {
    io.out(`${wrapped(row, io.columns, INDENT)}\n`);
    for (const { severity, message } of users[i]?.findings ?? []) io.out(finding(io, severity, message));
  }
  const { toConvert, cannotLogIn } = summary;
  const convert = toConvert === null ? "hashes unknown" : `${toConvert} to convert to SCRAM`;
  const out = cannotLogIn === null ? "rules unknown" : `${cannotLogIn} cannot log in`;
  io.out(`\n${count(summary.users, "user")}: ${convert}, ${out}\n`);
}

function cells({ name, login, hash, iterations, validUntil, expired, ways }: AuditedUser): string[] {
  return [
    shortened(name, MAX_NAME),
    [hash === "scram-sha-256" ? "scram" : hash, iterations].filter(Boolean).join(" "),
    expired ? "expired" : (validUntil?.replace(/T.*/, "") ?? "never"),
    login ? rulesCell(ways) : "no login",
  ];
}

/** @param ways `undefined` where the rules are not known */
function rulesCell(ways: AuditedUser["ways"]): string {
  return ways === undefined ? "?" : waysCell(ways);
}

function finding(io: Io, severity: Finding["severity"], message: string): string {
  const text = wrapped(`${INDENT}${severity}: ${message}`, io.columns, `${INDENT}  `);
  return `${colored(io, severity, text)}\n`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
