import type { DialectOptions, Product } from "../dialect";
import { isCockroachdb } from "../dialect";
import { hasEntries, NO_ENTRIES } from "../match/effective";
import type { CockroachdbSettings } from "../match/settings-cockroachdb";
import { asksCertificate } from "../match/verdict-postgresql";
import type { CockroachdbBuild } from "../methods/cockroachdb";
import { type HbaFile, rulesOf } from "../model";
import { syntaxErrors } from "../parse/parse";
import { fileOf, type HbaSource } from "../source";
import { addressTraps } from "./address-traps";
import { cannotWork } from "./cannot-work";
import { dangerous } from "./dangerous";
import { error, fromSyntaxError, type HbaFinding, sortedByPlace, warning } from "./finding";
import { nameTraps } from "./name-traps";
import { refusedByCockroachdb } from "./refused-by-cockroachdb";
import { type KnownRole, roleFindings, rolesByName } from "./role-findings";
import { shadowed } from "./shadowed";
import { missingRules, notEvaluated, scanningTraps, secrets } from "./whole-text";

export interface LintOptions extends DialectOptions {
  readonly build?: CockroachdbBuild;
  /** PostgreSQL: whether the server has TLS on; `hostssl` rules are pointed out when it has not. @default true */
  readonly ssl?: boolean;
  /** PostgreSQL: whether it has an `ssl_ca_file`; rules that ask for a certificate are pointed out when not. @default true */
  readonly sslCaFile?: boolean;
  /** CockroachDB: cluster settings that matter beside the rules. @default those of the version */
  readonly settings?: Partial<CockroachdbSettings>;
  /** The server's users and what it has stored of them: rules that name one are held against its hash. */
  readonly roles?: readonly KnownRole[];
}

/**
 * Everything a server refuses in a text (in its own words, every line of it rather than the first), what it takes
 * although it can't work, and what is dangerous. In the order of the text.
 *
 * @example lintHba("local all all cert", "cockroachdb")[0]?.code // "no-local-rule", "method-unusable", …
 */
export function lintHba(source: HbaSource, product: Product, options: LintOptions = {}): HbaFinding[] {
  const file = fileOf(source, product, options);
  const { dialect } = file;
  const roles = options.roles && rolesByName(options.roles, dialect);
  return sortedByPlace([
    ...syntaxErrors(file).map(fromSyntaxError),
    ...(isCockroachdb(dialect) ? refusedByCockroachdb(file, options.build) : withoutEntries(file)),
    ...missingRules(file),
    ...scanningTraps(file),
    ...notEvaluated(file),
    ...shadowed(file),
    ...(options.ssl === false ? withoutSsl(file) : []),
    ...(options.sslCaFile === false ? withoutCa(file) : []),
    ...besideTheRules(file, options.settings),
    ...rulesOf(file).flatMap(({ entry }) => [
      ...cannotWork(entry, dialect),
      ...nameTraps(entry, dialect),
      ...dangerous(entry, dialect),
      ...addressTraps(entry, dialect),
      ...secrets(entry),
      ...roleFindings(entry, roles, dialect, options),
    ]),
  ]);
}

function withoutEntries(file: HbaFile): HbaFinding[] {
  return hasEntries(file) ? [] : [error("no-entries", undefined, NO_ENTRIES)];
}

/** In the server's words: it logs this, shows it as an error in pg_hba_file_rules, and loads the file all the same. */
function withoutSsl(file: HbaFile): HbaFinding[] {
  if (isCockroachdb(file.dialect)) return [];
  return rulesOf(file)
    .filter(({ entry }) => entry.connection.type === "hostssl")
    .map(({ entry }) =>
      warning(
        "ssl-off",
        entry.connection.token,
        "hostssl record cannot match because SSL is disabled",
        'Set "ssl = on" in postgresql.conf.',
      ),
    );
}

/** In the server's words to whoever logs in by such a rule: it loads the file without one. */
function withoutCa(file: HbaFile): HbaFinding[] {
  if (isCockroachdb(file.dialect)) return [];
  return rulesOf(file)
    .filter(({ entry }) => asksCertificate(entry))
    .map(({ entry }) =>
      warning(
        "no-client-ca",
        entry.method,
        "Nobody can log in by this rule: client certificates can only be checked if a root certificate store is available",
        "Set ssl_ca_file in postgresql.conf.",
      ),
    );
}

function besideTheRules({ dialect }: HbaFile, settings: LintOptions["settings"]): HbaFinding[] {
  if (!isCockroachdb(dialect) || !settings?.jwtAuthentication) return [];
  return [
    warning(
      "jwt-beside-rules",
      undefined,
      "A login with a JSON Web Token goes round these rules: server.jwt_authentication.enabled is on",
    ),
  ];
}
