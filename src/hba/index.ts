/** The HBA language of PostgreSQL's pg_hba.conf and CockroachDB's host-based authentication setting. */

export { holdsSecret } from "./describe";
export type { DialectOptions, Product } from "./dialect";
export { type FormatOptions, formatHba } from "./format";
export type { HbaFinding } from "./lint/finding";
export { type LintOptions, lintHba } from "./lint/lint";
export { refusalByCockroachdb, type SettingRefusal } from "./lint/refused-by-cockroachdb";
export type { KnownRole } from "./lint/role-findings";
export type { EffectiveInclude, EffectiveLine, EffectiveRule } from "./match/effective";
export type { ExplainedLine, HbaExplanation, HbaMatch } from "./match/explanation";
export type { HbaLogin, HbaMatchContext } from "./match/login";
export { explainHba, matchHba } from "./match/match";
export type { CockroachdbSettings } from "./match/settings-cockroachdb";
export type { Verdict } from "./match/verdict";
export type { CockroachdbBuild } from "./methods/cockroachdb";
export type {
  AddressSpec,
  ConnectionType,
  Field,
  HbaEntry,
  HbaFile,
  HbaLine,
  Option,
  RuleLine,
  Token,
} from "./model";
export { foldName } from "./names";
export { parseHba, parseHbaLeniently } from "./parse/parse";
export { HbaSyntaxError } from "./parse/syntax-error";
export { renderRules } from "./rules/render";
export type { HbaRule } from "./rules/rules";
export type { CockroachdbRule, CockroachdbUser } from "./rules/rules-cockroachdb";
export type { PostgresqlName, PostgresqlRule, PostgresqlUser } from "./rules/rules-postgresql";
export type { HbaSource } from "./source";
