import { type DialectOptions, isCockroachdb } from "../dialect";
import { type CockroachdbBuild, cockroachdbMethod, cockroachdbMethods } from "../methods/cockroachdb";
import { type HbaEntry, type HbaFile, isKeyword, rulesOf } from "../model";
import { goQuote } from "../parse/go-quote";
import { parseHbaLeniently, syntaxErrors } from "../parse/parse";
import { error, fromSyntaxError, type HbaFinding } from "./finding";

/** What CockroachDB answers to SET CLUSTER SETTING server.host_based_authentication.configuration. */
export interface SettingRefusal {
  readonly message: string;
  readonly sqlState: string;
  /** Without the referral that the server puts in front of the hint of an unimplemented feature (0A000). */
  readonly hint?: string;
}

/**
 * The error the server reports for a text, or undefined when it takes it.
 *
 * @example refusalByCockroachdb("local")?.message // "line 1: end-of-line before database specification"
 */
export function refusalByCockroachdb(
  text: string,
  options: DialectOptions & { readonly build?: CockroachdbBuild } = {},
): SettingRefusal | undefined {
  if (text === "") return undefined;
  const file = parseHbaLeniently(text, "cockroachdb", options);
  const errors = syntaxErrors(file);
  const unparsable = errors.find((refused) => refused.sqlState === "XXUUU") ?? errors[0];
  const finding = unparsable ? fromSyntaxError(unparsable) : refusedByCockroachdb(file, options.build).at(0);
  if (finding === undefined) return undefined;
  const { message, hint, sqlState = "XXUUU" } = finding;
  return {
    message: unparsable ? `line ${finding.line}: ${message}` : message,
    sqlState,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** What checkHBASyntaxBeforeUpdatingSetting refuses of a text that parses, in its order. */
export function refusedByCockroachdb(file: HbaFile, build: CockroachdbBuild = {}): HbaFinding[] {
  if (!isCockroachdb(file.dialect)) return [];
  const rules = rulesOf(file);
  const parsed = !file.lines.some((line) => line.kind === "invalid");
  if (rules.length === 0 && file.lines.length > 0 && parsed) {
    return [
      error("no-entries", undefined, "no entries", {
        hint: "To use the default configuration, assign the empty string ('').",
        sqlState: "XXUUU",
      }),
    ];
  }
  return rules.flatMap(({ entry }) => [
    ...refusedConnection(entry),
    ...refusedDatabase(entry),
    ...refusedAddress(entry),
    ...refusedMethod(entry, file, build),
  ]);
}

function refusedConnection({ connection }: HbaEntry): HbaFinding[] {
  if (connection.type !== "loopback") return [];
  return [unimplemented("connection-unsupported", connection.token, "unsupported connection type: loopback")];
}

function refusedDatabase({ databases }: HbaEntry): HbaFinding[] {
  const refused = databases.find((database) => !isKeyword(database, "all"));
  if (refused === undefined) return [];
  return [
    unimplemented(
      "database-unsupported",
      refused,
      "per-database HBA rules are not supported",
      "Use the special value 'all' (without quotes) to match all databases.",
    ),
  ];
}

function refusedAddress({ address }: HbaEntry): HbaFinding[] {
  if (address?.kind !== "host") return [];
  return [
    unimplemented(
      "host-name-unsupported",
      address.token,
      "hostname-based HBA rules are not supported",
      "List the numeric CIDR notation instead, for example: 127.0.0.1/8.\n" +
        "Alternatively, use 'all' (without quotes) for any IPv4/IPv6 address.",
    ),
  ];
}

function refusedMethod(entry: HbaEntry, { dialect }: HbaFile, build: CockroachdbBuild): HbaFinding[] {
  const { method, options } = entry;
  const known = cockroachdbMethod(method.value, dialect, build);
  if (known === undefined) {
    const hint = `Supported methods: ${cockroachdbMethods(dialect, build).join(", ")}`;
    return [unimplemented("method-unknown", method, `unknown auth method ${goQuote(method.value)}`, hint)];
  }
  const refusal = known.refusal?.(entry);
  if (refusal === undefined) return [];
  return [error("option-refused", options[0]?.token ?? method, refusal, { sqlState: "XXUUU" })];
}

function unimplemented(code: string, at: HbaEntry["method"], message: string, hint?: string): HbaFinding {
  return error(code, at, `unimplemented: ${message}`, {
    sqlState: "0A000",
    ...(hint === undefined ? {} : { hint }),
  });
}
