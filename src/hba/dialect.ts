/** The two servers that read this language; they differ in what they accept and in what a line means. */
export type Product = "cockroachdb" | "postgresql";

/** A product at a version: what decides how a text is read. */
export interface Dialect {
  readonly product: Product;
  /** As the server names itself, with or without a leading `v`: `24.3`, `v22.2.7`, `15`. */
  readonly version: string;
}

export interface DialectOptions {
  /**
   * The server's version. CockroachDB is known from 22.1 on, PostgreSQL from 14 on.
   * @default the newest known: 26.3 for CockroachDB, 18 for PostgreSQL
   */
  readonly version?: string;
}

const NEWEST: Record<Product, string> = { cockroachdb: "26.3", postgresql: "18" };

/** What came when. CockroachDB's boundaries between 22.1 and 24.3 are the earliest version known to have it. */
const SINCE = {
  cockroachdb: {
    /** The connection type `loopback` parses, and a rule of that type is added in memory. */
    loopback: "22.2",
    /** `host all root 127.0.0.1/32 cert-password` as the first rule replaces the mandatory root rule. */
    alternativeRootRule: "22.2",
    /** Control characters are refused, in and outside quotes. */
    strictCharacters: "24.1",
    /** `name=` takes the following tokens as its value, and is refused when there is none. */
    optionAcrossTokens: "24.3",
  },
  postgresql: {
    /** `include`, `include_if_exists` and `include_dir`. */
    includeDirectives: "16",
    /** A database or user beginning with `/` is a regular expression. */
    regularExpressions: "16",
    /** Hashing with md5 is deprecated, with a removal announced. */
    md5Deprecated: "18",
    /** One message for every way of mixing LDAP's two modes. */
    ldapModesMessage: "17",
    /** The method, and with it a longer list in messages about `map`. */
    oauth: "18",
  },
} as const;

type Feature<P extends Product> = keyof (typeof SINCE)[P];

export function dialectOf(product: Product, options: DialectOptions = {}): Dialect {
  return { product, version: options.version ?? NEWEST[product] };
}

export function isCockroachdb(dialect: Dialect): boolean {
  return dialect.product === "cockroachdb";
}

/** Whether the dialect is CockroachDB's at a version that has the feature. */
export function cockroachdbHas(dialect: Dialect, feature: Feature<"cockroachdb">): boolean {
  return dialect.product === "cockroachdb" && atLeast(dialect.version, SINCE.cockroachdb[feature]);
}

/** Whether the dialect is PostgreSQL's at a version that has the feature. */
export function postgresqlHas(dialect: Dialect, feature: Feature<"postgresql">): boolean {
  return dialect.product === "postgresql" && atLeast(dialect.version, SINCE.postgresql[feature]);
}

/** Compares versions number by number, so that 24.10 comes after 24.3; what follows the numbers is ignored. */
export function atLeast(version: string, wanted: string): boolean {
  const [have, need] = [numbers(version), numbers(wanted)];
  for (let i = 0; i < need.length; i++) {
    const difference = (have[i] ?? 0) - (need[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbers(version: string): number[] {
  return (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? "0").split(".").map(Number);
}
