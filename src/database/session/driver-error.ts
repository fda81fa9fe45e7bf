import pg from "pg";
import { UserError } from "../../errors";
import { cut, MAX_SERVER_WORDS } from "../../printable";

/** What the server, Node or our own code has said of a failure; nothing of it is a secret any more. */
export interface DriverError {
  /** Whose code it is: a SQLSTATE of the server's, a word of Node's, OpenSSL's or the driver's, or that of a UserError. */
  readonly of: "server" | "client" | "us";
  /** Absent for what is a bug of ours. */
  readonly code: string | undefined;
  readonly message: string;
  readonly detail: string | undefined;
}

/** What the driver says in words only. */
const DRIVER_SAYS: readonly (readonly [RegExp, code: string])[] = [
  [/timeout expired|timeout exceeded|connection timeout/, "ETIMEDOUT"],
  [/Query read timeout/, "NO_ANSWER"],
  [/Connection terminated|connection error and is not queryable|client was closed/i, "CONNECTION_LOST"],
];

/** The end of a connection: reset, broken, and shut down by an administrator or a crash. */
const LOST: Readonly<Record<DriverError["of"], readonly string[]>> = {
  client: ["ECONNRESET", "EPIPE"],
  server: ["57P01", "57P02"],
  us: [],
};

/** A failure that is explained to the user. What was said of it stays known, so that it is judged by that and not by its words. */
export class ExplainedError extends UserError {
  readonly #said: DriverError;

  constructor(said: DriverError, ...explanation: ConstructorParameters<typeof UserError>) {
    super(...explanation);
    this.#said = said;
  }

  static saidOf(error: ExplainedError): DriverError {
    return error.#said;
  }
}

/** The connection went away before the answer to COMMIT: nobody here knows whether it was carried out. The cause says how. */
export class CommitLost extends Error {
  readonly code = "COMMIT_LOST";
}

export function readDriverError(error: unknown): DriverError {
  if (error instanceof ExplainedError) return ExplainedError.saidOf(error);
  const { code, message, detail } = (typeof error === "object" && error !== null ? error : {}) as Record<
    string,
    unknown
  >;
  const words = (text: string) => cut(redact(text), MAX_SERVER_WORDS);
  const text = words(typeof message === "string" ? message : String(error));
  const given = whose(error, code, text);
  const isLost = LOST[given.of].includes(given.code ?? "");
  return {
    ...(isLost ? ({ of: "client", code: "CONNECTION_LOST" } as const) : given),
    message: text,
    detail: typeof detail === "string" ? words(detail) : undefined,
  };
}

function whose(error: unknown, code: unknown, message: string): Pick<DriverError, "of" | "code"> {
  if (error instanceof pg.DatabaseError) return { of: "server", code: sqlstateOf(code) };
  if (error instanceof UserError) return { of: "us", code: error.code };
  if (isOfFile(error)) return { of: "client", code: undefined };
  return { of: "client", code: typeof code === "string" ? code : meantBy(message) };
}

/** Node names the `path` in the failure of a file; in that of a connection it names the address, a socket's too. */
function isOfFile(error: unknown): boolean {
  return error instanceof Error && "path" in error;
}

/** A server's word is no code of Node's or ours, whatever it is. */
function sqlstateOf(code: unknown): string {
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : "XX000";
}

function meantBy(text: string): string | undefined {
  return DRIVER_SAYS.find(([words]) => words.test(text))?.[1];
}

/** A server may quote the statement it refuses, or the value of a setting, which may be an application's secret. */
function redact(text: string): string {
  return text
    .replaceAll(/SCRAM-SHA-256\$\S*/g, "[secret]")
    .replace(/(invalid value for parameter "[^"]*"): ".*"/s, "$1");
}
