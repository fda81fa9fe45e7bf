import type { Product } from "../../hba";

export type OptionValue = boolean | number | string | null;

interface OptionRow {
  /** A flag has a NO… form; an instant is ISO 8601 text, `null` for never. */
  readonly kind: "flag" | "count" | "instant";
  /** As CREATE ROLE spells it. */
  readonly word: string;
  readonly products: readonly Product[];
  /** What CREATE ROLE makes of it when it is not named. */
  readonly initial: OptionValue;
}

const BOTH = ["postgresql", "cockroachdb"] as const;
const POSTGRESQL = ["postgresql"] as const;
const COCKROACHDB = ["cockroachdb"] as const;

function flag<const P extends readonly Product[]>(word: string, products: P, initial = false) {
  return { kind: "flag", word, products, initial } as const;
}

/**
 * The options of a role, besides its password (CREATE ROLE in the documentation of either product). SUPERUSER is
 * left out on purpose: nothing declared here should be able to read every password hash.
 */
export const OPTIONS = {
  login: flag("LOGIN", BOTH),
  validUntil: { kind: "instant", word: "VALID UNTIL", products: BOTH, initial: null },
  createDb: flag("CREATEDB", BOTH),
  createRole: flag("CREATEROLE", BOTH),
  replication: flag("REPLICATION", BOTH),
  bypassRls: flag("BYPASSRLS", BOTH),
  inherit: flag("INHERIT", POSTGRESQL, true),
  connectionLimit: { kind: "count", word: "CONNECTION LIMIT", products: POSTGRESQL, initial: -1 },
  createLogin: flag("CREATELOGIN", COCKROACHDB),
  sqlLogin: flag("SQLLOGIN", COCKROACHDB, true),
  controlJob: flag("CONTROLJOB", COCKROACHDB),
  controlChangefeed: flag("CONTROLCHANGEFEED", COCKROACHDB),
  cancelQuery: flag("CANCELQUERY", COCKROACHDB),
  viewActivity: flag("VIEWACTIVITY", COCKROACHDB),
  viewActivityRedacted: flag("VIEWACTIVITYREDACTED", COCKROACHDB),
  viewClusterSetting: flag("VIEWCLUSTERSETTING", COCKROACHDB),
  modifyClusterSetting: flag("MODIFYCLUSTERSETTING", COCKROACHDB),
} as const satisfies Readonly<Record<string, OptionRow>>;

export type OptionName = keyof typeof OPTIONS;

interface ValueOf {
  readonly flag: boolean;
  readonly count: number;
  readonly instant: string | null;
}

/** An option that is absent is not known, or is not to change. */
export type RoleOptions = { readonly [Name in OptionName]?: ValueOf[(typeof OPTIONS)[Name]["kind"]] };

export const OPTION_NAMES = Object.keys(OPTIONS) as readonly OptionName[];

export function hasOption(product: Product, name: OptionName): boolean {
  return (OPTIONS[name].products as readonly Product[]).includes(product);
}

/** What CREATE ROLE makes when no option is named. */
export function initialOptions(product: Product): RoleOptions {
  return fromEntries(
    OPTION_NAMES.filter((name) => hasOption(product, name)).map((name) => [name, OPTIONS[name].initial]),
  );
}

/** The options of `after` that differ from `before`; one that is not known before differs. */
export function changedOptions(before: RoleOptions, after: RoleOptions): RoleOptions {
  return fromEntries(
    entriesOf(after).filter(([name, value]) => before[name] === undefined || !isSame(before[name], value)),
  );
}

/** The words of CREATE ROLE or ALTER ROLE, each with a blank before it. */
export function optionWords(options: RoleOptions, spellInstant: (instant: string | null) => string): string {
  return entriesOf(options)
    .map(([name, value]) => {
      const { kind, word } = OPTIONS[name];
      if (kind === "flag") return value === true ? ` ${word}` : ` NO${word}`;
      return ` ${word} ${kind === "count" ? Number(value) : spellInstant(value as string | null)}`;
    })
    .join("");
}

/** In the order of the table, whatever the order they were given in. */
export function entriesOf(options: RoleOptions): [OptionName, OptionValue][] {
  return OPTION_NAMES.flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [[name, value] satisfies [OptionName, OptionValue]];
  });
}

function fromEntries(entries: readonly (readonly [OptionName, OptionValue])[]): RoleOptions {
  return Object.fromEntries(entries) as RoleOptions;
}

/** One instant has many spellings (zones, fractions); none of them is a change. */
function isSame(a: OptionValue, b: OptionValue): boolean {
  return typeof a === "string" && typeof b === "string" ? Date.parse(a) === Date.parse(b) : a === b;
}
