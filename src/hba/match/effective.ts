import { describeEntry } from "../describe";
import { cockroachdbHas, type Dialect, isCockroachdb } from "../dialect";
import { type CockroachdbBuild, cockroachdbMethod } from "../methods/cockroachdb";
import { type HbaEntry, type HbaFile, isKeyword, rulesOf } from "../model";
import { foldName } from "../names";
import { parseHba, syntaxErrors } from "../parse/parse";

/** A rule the server goes by. */
export interface EffectiveRule {
  readonly kind: "rule";
  /** `built-in`: added by CockroachDB in memory; it stands in no text. */
  readonly origin: "text" | "built-in";
  /** Of the text; absent for a built-in rule. */
  readonly line?: number;
  /** The rule in one line, secrets hidden. */
  readonly text: string;
  readonly entry: HbaEntry;
}

/** A directive whose file we don't see. */
export interface EffectiveInclude {
  readonly kind: "include";
  readonly line: number;
  readonly text: string;
}

export type EffectiveLine = EffectiveRule | EffectiveInclude;

export interface EffectiveConfiguration {
  readonly lines: readonly EffectiveLine[];
  /** Why the server does not go by the text: CockroachDB then uses its default, PostgreSQL what it had before. */
  readonly notUsed?: string;
}

/** DefaultHBAConfig and rootEntry in pkg/sql/pgwire/hba_conf.go. */
const ROOT = "host  all root all cert-password # CockroachDB mandatory rule";
const LOOPBACK = "loopback all all all trust       # built-in CockroachDB default";
const DEFAULTS =
  "host     all all all cert-password # built-in CockroachDB default\n" +
  "local    all all     password      # built-in CockroachDB default\n";

/** What the server really goes by: the text, and what CockroachDB adds to it in memory. */
export function effectiveConfiguration(file: HbaFile, build: CockroachdbBuild = {}): EffectiveConfiguration {
  return isCockroachdb(file.dialect) ? inCockroachdb(file, build) : inPostgresql(file);
}

/** PostgreSQL's words for a text without rules; the server puts its file's name in. */
export const NO_ENTRIES = "the configuration file contains no entries";

/** Whether PostgreSQL would find anything to load; what an included file holds is not known. */
export function hasEntries(file: HbaFile): boolean {
  return file.lines.some((line) => line.kind !== "comment" && line.kind !== "blank");
}

function inPostgresql(file: HbaFile): EffectiveConfiguration {
  const refused = syntaxErrors(file)[0]?.message ?? (hasEntries(file) ? undefined : NO_ENTRIES);
  const lines = file.lines.flatMap((line): EffectiveLine[] => {
    if (line.kind === "rule") return [written(line.line, line.entry)];
    return line.kind === "include" ? [{ kind: "include", line: line.line, text: line.fields.join(" ") }] : [];
  });
  return refused === undefined
    ? { lines }
    : { lines, notUsed: `PostgreSQL does not load this text (${refused})` };
}

function inCockroachdb(file: HbaFile, build: CockroachdbBuild): EffectiveConfiguration {
  const { dialect } = file;
  const loopback = cockroachdbHas(dialect, "loopback") ? builtIn(LOOPBACK, dialect) : [];
  const root = builtIn(ROOT, dialect);
  const defaults = [...root, ...loopback, ...builtIn(DEFAULTS, dialect)];
  if (file.lines.length === 0) return { lines: defaults };
  const unusable = syntaxErrors(file)[0]?.message ?? unknownMethod(file, build);
  if (unusable !== undefined) {
    return {
      lines: defaults,
      notUsed: `CockroachDB can't read this text (${unusable}) and uses its default`,
    };
  }
  const rules = rulesOf(file).map(({ line, entry }) => written(line, entry));
  const withRoot = replacesRootRule(rules[0]?.entry, dialect) ? rules : [...root, ...rules];
  const hasLoopback = rules.some(({ entry }) => entry.connection.type === "loopback");
  return { lines: hasLoopback ? withRoot : [...loopback, ...withRoot] };
}

function unknownMethod(file: HbaFile, build: CockroachdbBuild): string | undefined {
  const unknown = rulesOf(file).find(
    ({ entry }) => cockroachdbMethod(entry.method.value, file.dialect, build) === undefined,
  );
  return unknown && `unknown auth method ${unknown.entry.method.value}`;
}

/** Entry.Equivalent: the first of the rule's users alone counts, for the server makes a rule of each. */
export function replacesRootRule(entry: HbaEntry | undefined, dialect: Dialect): boolean {
  if (entry === undefined || entry.users.some((user) => isKeyword(user, "all"))) return false;
  const [user] = entry.users;
  return (
    entry.connection.type === "host" &&
    !user.quoted &&
    foldName(user.value) === "root" &&
    isKeyword(entry.method, "cert-password") &&
    entry.options.length === 0 &&
    (entry.address?.kind === "all" || isAlternative(entry, dialect))
  );
}

/** Only as a CIDR: the mask notation is the same network, but not the same bytes in the server's memory. */
function isAlternative({ address }: HbaEntry, dialect: Dialect): boolean {
  return (
    cockroachdbHas(dialect, "alternativeRootRule") &&
    address?.kind === "network" &&
    address.mask === undefined &&
    /^127\.0\.0\.1\/0*32$/.test(address.token.value)
  );
}

function builtIn(text: string, dialect: Dialect): EffectiveRule[] {
  const file = parseHba(text, dialect.product, { version: dialect.version });
  return rulesOf(file).map((line) => ({
    kind: "rule",
    origin: "built-in",
    text: line.text.trim(),
    entry: line.entry,
  }));
}

function written(line: number, entry: HbaEntry): EffectiveRule {
  return { kind: "rule", origin: "text", line, text: describeEntry(entry), entry };
}
