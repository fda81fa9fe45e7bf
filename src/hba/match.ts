import { type Dialect, isCockroachdb, type Product } from "./dialect";
import { type EffectiveLine, type EffectiveRule, effectiveConfiguration } from "./effective";
import { goQuote } from "./go-quote";
import { formatIp } from "./ip";
import { type HbaLogin, type HbaMatchContext, type Visitor, visitorOf } from "./login";
import { type Judgement, matchEntry } from "./match-entry";
import { fileOf, type HbaSource } from "./source";
import { fails, succeeds, unknown, type Verdict } from "./verdict";
import { beforeRules, missing, verdictByCockroachdb } from "./verdict-cockroachdb";
import { verdictByPostgresql } from "./verdict-postgresql";

export interface HbaMatch extends Verdict {
  /** The rule that decides. Absent when none matches, or when several may. */
  readonly rule?: EffectiveRule;
  /** The method of that rule. */
  readonly method?: string;
  /** Lines that may decide, in order: those that may match, depending on what is not evaluated, and the first sure one. */
  readonly candidates: readonly EffectiveLine[];
  /** One sentence. */
  readonly reason: string;
  /** Why the server does not go by the text at all. */
  readonly notUsed?: string;
}

/** One line of the server's rules and what it has to do with a login. */
export interface ExplainedLine extends Judgement {
  readonly line: EffectiveLine;
  /** Whether the server looks at it: no when a rule before it matches. */
  readonly reached: boolean;
}

export interface HbaExplanation {
  readonly match: HbaMatch;
  readonly lines: readonly ExplainedLine[];
}

/**
 * Which rule applies to a login, what the client is asked, and whether the login can succeed with what the server
 * has stored of the user. The first rule that matches decides, in CockroachDB after those it adds in memory.
 *
 * @throws ScramError `hba-login-address` when the login's address is neither an IP address nor `local`
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
  const file = fileOf(source, product, context);
  const { dialect } = file;
  const configuration = effectiveConfiguration(file, context.build);
  const visitor = visitorOf(login, dialect);
  const lines = walk(configuration.lines, visitor, context, dialect);
  const { notUsed } = configuration;
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
    const judgement: Judgement =
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
    ? context.insecure
      ? (missing({ ...visitor, canLogin: true }) ??
        succeeds("nothing", "an insecure cluster trusts every user it has"))
      : beforeRules(visitor, context)
    : notUsed === undefined
      ? undefined
      : unknown("unknown", `${notUsed} and keeps the rules it had before`);
  return verdict && { ...verdict, reason: sentence(verdict.reason), candidates: [] };
}

function decide(
  open: readonly ExplainedLine[],
  visitor: Visitor,
  context: HbaMatchContext,
  dialect: Dialect,
): HbaMatch {
  const verdicts = open.map(({ line }) => verdictOf(line, visitor, context, dialect));
  const candidates = open.map(({ line }) => line);
  const [first] = open;
  const sure = open.at(-1)?.matches === "yes";
  if (first?.matches === "yes" && first.line.kind === "rule" && verdicts[0] !== undefined) {
    const { line: rule } = first;
    const reason = sentence(`${where(rule)}: ${verdicts[0].reason}`);
    return { ...verdicts[0], rule, method: rule.entry.method.value, candidates, reason };
  }
  const nobody = fails("nothing", noEntry(visitor, dialect));
  if (first === undefined) return { ...nobody, candidates, reason: sentence(nobody.reason) };
  return { ...agreed(sure ? verdicts : [...verdicts, nobody], first, open, sure), candidates };
}

/** Several lines may decide: the answer is known only if it is the same for all of them. */
function agreed(
  verdicts: readonly Verdict[],
  first: ExplainedLine,
  open: readonly ExplainedLine[],
  sure: boolean,
): Verdict {
  const same = <K extends "asks" | "outcome">(key: K) => {
    const values = new Set(verdicts.map((verdict) => verdict[key]));
    return values.size === 1 ? verdicts[0]?.[key] : undefined;
  };
  const asks = same("asks") ?? "unknown";
  const outcome = same("outcome");
  if (outcome === undefined || outcome === "unknown") {
    return unknown(asks, sentence(`${where(first.line)} may match, but ${first.because}`));
  }
  const lines = [...open.map(({ line }) => where(line)), ...(sure ? [] : ["no rule at all"])].join(" or ");
  const reason = sentence(`the login ${outcome} whether ${lines} decides: ${verdicts[0]?.reason}`);
  return { asks, outcome, reason };
}

function verdictOf(
  line: EffectiveLine,
  visitor: Visitor,
  context: HbaMatchContext,
  dialect: Dialect,
): Verdict {
  if (line.kind === "include") return unknown("unknown", "an included file is not read");
  return isCockroachdb(dialect)
    ? verdictByCockroachdb(line.entry, visitor, context, dialect)
    : verdictByPostgresql(line.entry, visitor);
}

function where(line: EffectiveLine): string {
  if (line.line === undefined) return `CockroachDB's own rule \`${line.text.replace(/\s*#.*/, "")}\``;
  return `line ${line.line} (\`${line.text}\`)`;
}

const ENCRYPTION = {
  local: "no encryption",
  plain: "no encryption",
  tls: "SSL encryption",
  gss: "GSS encryption",
};

/** In the server's words. */
function noEntry({ user, database, ip, transport, replication }: Visitor, dialect: Dialect): string {
  if (isCockroachdb(dialect)) {
    const host = goQuote(ip === undefined ? "<nil>" : formatIp(ip));
    return `no server.host_based_authentication.configuration entry for host ${host}, user ${goQuote(user)} (28000)`;
  }
  const host = ip === undefined ? "[local]" : formatIp(ip);
  const what = replication
    ? `replication connection from host "${host}", user "${user}"`
    : `host "${host}", user "${user}", database "${database}"`;
  return `no pg_hba.conf entry for ${what}, ${ENCRYPTION[transport]} (28000)`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
