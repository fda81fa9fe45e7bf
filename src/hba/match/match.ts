import { type Dialect, isCockroachdb, type Product } from "../dialect";
import type { HbaSource } from "../source";
import type { ColumnMatch } from "./column-match";
import { decide, sentence } from "./decide";
import type { EffectiveLine } from "./effective";
import type { ExplainedLine, HbaExplanation, HbaMatch } from "./explanation";
import { type HbaLogin, type HbaMatchContext, type Visitor, visitorOf } from "./login";
import { matchEntry } from "./match-entry";
import { type PreparedRules, prepareRules } from "./prepare";
import { succeeds, unknown, type Verdict } from "./verdict";
import { beforeRules, missing } from "./verdict-cockroachdb";
import { withoutTls } from "./verdict-postgresql";

/**
 * Which rule applies to a login, what the client is asked, and whether the login can succeed with what the server
 * has stored of the user. The first rule that matches decides, in CockroachDB after those it adds in memory.
 * Neither the database's existence nor the right to connect to it is looked at. `lintHba` first: what the server
 * refuses to take never gets this far.
 *
 * @throws UserError `hba-login-address` when the login's address is neither an IP address nor `local`
 * @example
 * matchHba("host all all all scram-sha-256", { user: "app", database: "app", address: "10.0.0.1", tls: true,
 *   storedHash: { kind: "md5" } }, "postgresql").outcome // "fails"
 */
export function matchHba(
  source: HbaSource,
  login: HbaLogin,
  product: Product,
  context: HbaMatchContext = {},
): HbaMatch {
  return explainHba(source, login, product, context).match;
}

/** {@link matchHba}, and for each of the server's rules why it matches or not. */
export function explainHba(
  source: HbaSource,
  login: HbaLogin,
  product: Product,
  context: HbaMatchContext = {},
): HbaExplanation {
  return explainPrepared(prepareRules(source, product, context), login);
}

/**
 * The same for one of many logins.
 *
 * @param among the lines that may match, where the others are known not to
 */
export function explainPrepared(
  rules: PreparedRules,
  login: HbaLogin,
  among: readonly EffectiveLine[] = rules.lines,
): HbaExplanation {
  const { context, dialect, notUsed } = rules;
  const visitor = visitorOf(login, dialect);
  const lines = walk(among, visitor, context, dialect);
  const match =
    withoutRules(visitor, context, dialect, notUsed) ??
    decide(
      lines.filter((line) => line.reached && line.matches !== "no"),
      visitor,
      context,
      dialect,
    );
  return { match: notUsed === undefined ? match : { ...match, notUsed }, lines };
}

function walk(
  configured: readonly EffectiveLine[],
  visitor: Visitor,
  context: HbaMatchContext,
  dialect: Dialect,
): ExplainedLine[] {
  let reached = true;
  return configured.map((line) => {
    const judgement: ColumnMatch =
      line.kind === "include"
        ? { matches: "unknown", because: `the file \`${line.text}\` is not read` }
        : matchEntry(line.entry, visitor, context, dialect);
    const explained = { line, reached, ...judgement };
    if (judgement.matches === "yes") reached = false;
    return explained;
  });
}

/** Cases in which the rules don't count. */
function withoutRules(
  visitor: Visitor,
  context: HbaMatchContext,
  dialect: Dialect,
  notUsed: string | undefined,
): HbaMatch | undefined {
  const verdict = isCockroachdb(dialect)
    ? inCockroachdb(visitor, context)
    : (withoutTls(visitor, context) ??
      (notUsed === undefined
        ? undefined
        : unknown("unknown", `${notUsed} and keeps the rules it had before`)));
  return verdict && { ...verdict, reason: sentence(verdict.reason), candidates: [] };
}

function inCockroachdb(visitor: Visitor, context: HbaMatchContext): Verdict | undefined {
  if (!context.insecure) return beforeRules(visitor, context);
  const refused = missing({ ...visitor, canLogin: true });
  return refused ?? succeeds("nothing", "an insecure cluster trusts every user it has");
}
