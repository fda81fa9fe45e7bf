/** The HBA language of PostgreSQL's pg_hba.conf and CockroachDB's host-based authentication setting. */

export { holdsSecret } from "./describe";
export type { DialectOptions, Product } from "./dialect";
export type { EffectiveInclude, EffectiveLine, EffectiveRule } from "./effective";
export type { HbaFinding } from "./finding";
export { type FormatOptions, formatHba } from "./format";
export { type LintOptions, lintHba } from "./lint";
export type { HbaLogin, HbaMatchContext } from "./login";
export { type ExplainedLine, explainHba, type HbaExplanation, type HbaMatch, matchHba } from "./match";
export type { CockroachdbBuild } from "./methods-cockroachdb";
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
export { parseHba, parseHbaLeniently } from "./parse";
export { refusalByCockroachdb, type SettingRefusal } from "./refused-by-cockroachdb";
export { renderRules } from "./render";
export type { KnownRole } from "./role-findings";
export type {
  CockroachdbRule,
  CockroachdbUser,
  HbaRule,
  PostgresqlName,
  PostgresqlRule,
  PostgresqlUser,
} from "./rules";
export type { CockroachdbSettings } from "./settings-cockroachdb";
export type { HbaSource } from "./source";
export { HbaSyntaxError } from "./syntax-error";
export type { Verdict } from "./verdict";
