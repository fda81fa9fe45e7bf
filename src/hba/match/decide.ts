import { type Dialect, isCockroachdb } from "../dialect";
import { formatIp } from "../ip";
import { goQuote } from "../parse/go-quote";
import type { EffectiveLine } from "./effective";
import type { ExplainedLine, HbaMatch } from "./explanation";
import type { HbaMatchContext, Visitor } from "./login";
import { fails, unknown, type Verdict } from "./verdict";
import { verdictByCockroachdb } from "./verdict-cockroachdb";
import { verdictByPostgresql } from "./verdict-postgresql";

/** What becomes of a login, given the lines that match it or may match it: all but the last only may. */
export function decide(
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
    : verdictByPostgresql(line.entry, visitor, context);
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

export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
