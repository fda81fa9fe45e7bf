import { UserError } from "../../errors";
import {
  type Dialect,
  type DialectOptions,
  dialectOf,
  isCockroachdb,
  type Product,
  postgresqlHas,
} from "../dialect";
import { formatHba } from "../format";
import { maxPrefix, parseIp } from "../ip";
import { KEYWORDS } from "../keywords";
import { lintHba } from "../lint/lint";
import { parseHba } from "../parse/parse";
import { malformed } from "./malformed";
import type { HbaRule } from "./rules";
import type { CockroachdbRule } from "./rules-cockroachdb";
import type { PostgresqlRule, PostgresqlUser } from "./rules-postgresql";

/**
 * The text of typed rules, aligned, in their order, every name quoted that needs it.
 *
 * @throws UserError `hba-rule` when a rule is malformed or can't be written, or the server would refuse it
 * @example renderRules([{ type: "host", user: "app", address: "10.0.0.0/8", method: "scram-sha-256" }], "postgresql")
 */
export function renderRules<P extends Product>(
  rules: readonly HbaRule<P>[],
  product: P,
  options: DialectOptions = {},
): string {
  const dialect = dialectOf(product, options);
  for (const [index, rule] of rules.entries()) {
    const problem = malformed(rule, product);
    if (problem !== undefined) throw new UserError("hba-rule", `Rule ${index + 1}: ${problem}`);
  }
  const text = rules.map((rule, index) => `${renderRule(rule, index, dialect)}\n`).join("");
  const refused =
    text === "" ? undefined : lintHba(text, product, dialect).find(({ severity }) => severity === "error");
  if (refused !== undefined) {
    throw new UserError(
      "hba-rule",
      `Rule ${refused.line} is refused by the server: ${refused.message}`,
      refused.hint === undefined ? {} : { hint: refused.hint.replaceAll("\n", " ") },
    );
  }
  return formatHba(parseHba(text, product, dialect), { normalise: true });
}

function renderRule(rule: HbaRule, index: number, dialect: Dialect): string {
  const write: Writer = { dialect, rule: index + 1 };
  const columns = [
    rule.type,
    list(rule.database ?? "all", "database", write),
    list(rule.user, "user", write),
    ...(rule.type === "local" ? [] : [address(rule.address, write)]),
    rule.method,
    ...renderOptions(rule, write),
    ...(rule.comment === undefined ? [] : [comment(rule.comment, write)]),
  ];
  return columns.join(" ");
}

interface Writer {
  readonly dialect: Dialect;
  /** Its number from 1, for messages. */
  readonly rule: number;
}

type Names = CockroachdbRule["user"] | NonNullable<PostgresqlRule["database"]> | PostgresqlRule["user"];

function list(names: Names, column: "database" | "user", write: Writer): string {
  const all: readonly PostgresqlUser[] = isList(names) ? names : [names];
  if (all.length === 0) throw cannot(write, `names no ${column}`);
  return all.map((one) => nameOf(one, column, write)).join(",");
}

function isList(names: Names): names is readonly PostgresqlUser[] {
  return Array.isArray(names);
}

function nameOf(name: PostgresqlUser, column: "database" | "user", write: Writer): string {
  const keywords: readonly string[] = isCockroachdb(write.dialect) ? ["all"] : KEYWORDS[column];
  if (typeof name === "string") return keywords.includes(name) ? name : literal(name, keywords, write);
  if ("memberOf" in name) return `+${word(name.memberOf, write)}`;
  if ("matches" in name) return word(`/${name.matches}`, write);
  return literal(name.name, keywords, write);
}

/** A name that means nothing but itself. Quotes don't help a leading slash where it begins an expression. */
function literal(name: string, keywords: readonly string[], write: Writer): string {
  if (name.startsWith("/") && postgresqlHas(write.dialect, "regularExpressions")) {
    return quote(`/^${name.replace(/[^\p{L}\p{N}_]/gu, "\\$&")}$`, write);
  }
  return keywords.includes(name) ? quote(name, write) : word(name, write);
}

function address(text: string, write: Writer): string {
  const keywords: readonly string[] = KEYWORDS.address;
  if (keywords.includes(text)) return text;
  const ip = parseIp(text);
  return word(ip === undefined ? text : `${text}/${maxPrefix(ip.family)}`, write);
}

function renderOptions({ options = {} }: HbaRule, write: Writer): string[] {
  const entries: [string, string | readonly string[] | undefined][] = Object.entries(options);
  return entries.flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => word(`${name}=${one}`, write)),
  );
}

function comment(text: string, write: Writer): string {
  if (/[\r\n\0]/.test(text)) throw cannot(write, "has a comment of more than one line");
  if (text.endsWith("\\"))
    throw cannot(write, "has a comment ending with a backslash, which would go on below");
  return `# ${text}`;
}

/** Written without quotes where that is safe in both products. */
function word(text: string, write: Writer): string {
  return /^[\p{L}\p{N}_./:][\p{L}\p{N}_./:=%-]*$/u.test(text) && !text.endsWith("=")
    ? text
    : quote(text, write);
}

/** PostgreSQL doubles a quote inside; CockroachDB has no way to write one. */
function quote(text: string, write: Writer): string {
  if (isCockroachdb(write.dialect)) {
    if (/["\p{Cc}]/u.test(text))
      throw cannot(write, "holds a quote or control character, which CockroachDB can't read");
    return `"${text}"`;
  }
  if (/[\r\n\0]/.test(text)) throw cannot(write, "holds a line break");
  return `"${text.replaceAll('"', '""')}"`;
}

function cannot(write: Writer, why: string): UserError {
  return new UserError("hba-rule", `Rule ${write.rule} ${why}`);
}
