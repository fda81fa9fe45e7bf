import pg from "pg";
import { UserError } from "../../errors";
import { cut, MAX_SERVER_WORDS } from "../../printable";
import { NoTls, tlsFailure } from "../connection/tls/tls-failure";
import { INSUFFICIENT_PRIVILEGE } from "./lacks-privilege";

/** What was being done, where and as whom: the words every message needs. */
export interface Attempt {
  /** For "could not …": `create role "app"`. */
  readonly action: string;
  readonly server: string;
  readonly user: string;
}

type Sentence = (
  attempt: Attempt,
  error: DriverError,
) => { readonly problem: string; readonly hint?: string };

interface DriverError {
  readonly code: string | undefined;
  readonly message: string;
  readonly detail: string | undefined;
}

/** Node's codes for a server that cannot be reached, and what they mean. */
const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "the host name does not resolve",
  EAI_AGAIN: "the host name does not resolve at the moment",
  ENOENT: "the socket does not exist",
  EHOSTUNREACH: "there is no route to the host",
  ENETUNREACH: "there is no route to the network",
  ETIMEDOUT: "it does not answer in time",
};

/** By SQLSTATE (PostgreSQL documentation, appendix A), or a code of our own for what the driver says in words. */
const SENTENCES: Readonly<Record<string, Sentence>> = {
  READ_ONLY: ({ server }) => ({ problem: `${server} accepts no writes`, hint: "name the primary server" }),
  NO_PASSWORD: ({ server, user }) => ({
    problem: `${server} asks for the password of the administrator "${user}", and none is known`,
    hint: "put it into the connection, PGPASSWORD or the password file",
  }),
  UNSUPPORTED_AUTHENTICATION: ({ server, user }, { message }) => ({
    problem: `${server} asks the administrator "${user}" for ${message}, which is not supported here`,
    hint: "let it log in by password or certificate from this machine (HBA rules)",
  }),
  CONNECTION_LOST: ({ action, server }) => ({
    problem: `the connection to ${server} was lost while trying to ${action}`,
    hint: "check that the server is running, then try again",
  }),
  COMMIT_LOST: ({ action, server }) => ({
    problem: `the connection to ${server} was lost during COMMIT; whether it did ${action} is not known`,
    hint: "run `pulumi refresh`, then `pulumi up`",
  }),
  NO_TLS: ({ server }) => ({
    problem: `${server} does not offer TLS`,
    hint: "turn it on there, or choose another sslmode",
  }),
  TLS_FAILED: tlsFailed,
  NOT_POSTGRESQL: ({ server }) => ({
    problem: `${server} does not speak PostgreSQL's protocol`,
    hint: "check host and port of the connection",
  }),
  PROTOCOL: ({ action, server }, { message }) => ({
    problem: `${server} breaks PostgreSQL's protocol during the attempt to ${action}: ${message}`,
    hint: "check what runs there, or between",
  }),
  "28P01": ({ server, user }) => ({
    problem: `${server} refused the password of the administrator "${user}"`,
    hint: "correct the connection's password (SCRAM_DATABASE_URL, PGPASSWORD or scram:connection)",
  }),
  "28000": ({ server, user }, { message }) => ({
    problem: `${server} does not let the administrator "${user}" in: ${message}`,
    hint: "check the server's HBA rules and that the role may log in",
  }),
  "3D000": ({ server }, { message }) => ({
    problem: `${server} has no such database: ${message}`,
    hint: "name an existing one in the connection",
  }),
  "57P03": ({ server }) => ({
    problem: `${server} is starting up or shutting down`,
    hint: "try again in a moment",
  }),
  "53300": ({ server, user }, { message }) => ({
    problem: `${server} has no connection slot left for "${user}": ${message}`,
    hint: "try again when it is less busy, or raise the limit that it names (CONNECTION LIMIT of the role or database, max_connections)",
  }),
  "25006": ({ action, server, user }) => ({
    problem: `could not ${action} on ${server}: it accepts no writes`,
    hint: `if it is a replica, name the primary, or all hosts and target_session_attrs=read-write; else see default_transaction_read_only of "${user}" and the database`,
  }),
  "57014": ({ action, server, user }, { message }) => ({
    problem: `could not ${action} on ${server}: ${message}`,
    hint: /user request/.test(message)
      ? "somebody cancelled it (pg_cancel_backend); run it again"
      : `see statement_timeout of "${user}" and the database; options=-c%20statement_timeout=0 in the connection's URL lifts it`,
  }),
  "42710": existsAlready,
  // Two sessions that create one role at the same moment.
  "23505": existsAlready,
  NO_ANSWER: ({ action, server }) => ({
    problem: `${server} did not answer within five minutes to the attempt to ${action}`,
    hint: "see what it is doing, then try again",
  }),
  "55P03": ({ action, server }) => ({
    problem: `could not ${action} on ${server}: another session has been holding a lock on it`,
    hint: "find out which one (pg_locks), then try again",
  }),
  "42704": ({ action, server }, { message }) => ({
    problem: `could not ${action} on ${server}: ${message}`,
    hint: whatIsMissing(action, message),
  }),
  "22023": ({ action, server }, { message }) => {
    // In whatever language: the name of the parameter comes first, and then a value, which may be a secret.
    const [, parameter] = /["»«„“'`]([a-z_][\w.]*)["»«“”'`]/i.exec(message) ?? [];
    if (parameter === undefined) return { problem: `could not ${action} on ${server}: ${message}` };
    const problem = `could not ${action} on ${server}: the server refuses the value of ${parameter}`;
    return / role "/.test(action) ? { problem, hint: "correct it under `settings`" } : { problem };
  },
  "42601": newerThanServer,
  "0A000": newerThanServer,
  "42939": ({ action }, { message }) => ({
    problem: `could not ${action}: ${message}`,
    hint: "choose another username",
  }),
  [INSUFFICIENT_PRIVILEGE]: ({ action, server, user }, { message, detail }) => ({
    problem: `could not ${action} on ${server}: ${(detail ?? message).replace(/\.$/, "")}`,
    hint: privilegeFor(action, user, detail ?? message),
  }),
  // PostgreSQL lists what depends in the detail, CockroachDB in the message.
  "2BP01": ({ action, server }, { message, detail }) => ({
    problem: `could not ${action} on ${server}: other things depend on it (${(detail ?? message).trim().replaceAll("\n", ", ")})`,
    hint: action.startsWith("drop")
      ? "declare the role that should own them as `reassignOwnedTo`, run `pulumi up`, then delete; or reassign or drop them yourself, in each database named"
      : "first revoke what was granted on by way of it",
  }),
};

/** Options come with versions. */
function newerThanServer({ action, server }: Attempt, { message }: DriverError): ReturnType<Sentence> {
  return {
    problem: `could not ${action} on ${server}: ${message}`,
    hint: "this version of the server may not have an option that is declared",
  };
}

function whatIsMissing(action: string, message: string): string {
  if (/configuration parameter/.test(message)) return "correct the name under `settings`";
  const [, missing] = /role(?:\/user)? "?([^"]+)"? does not exist/.exec(message) ?? [];
  if (missing === undefined || action.includes(`role "${missing}"`))
    return "run `pulumi refresh`, then `pulumi up`";
  return /^(drop|reassign)/.test(action)
    ? "correct `reassignOwnedTo`, run `pulumi up`, then delete again"
    : "create that role first, or correct `memberOf`";
}

function privilegeFor(action: string, user: string, reason: string): string {
  // Since PostgreSQL 16 an administrator gives and takes only what it has itself.
  const [, attribute = "CREATEROLE"] = /Only roles with the (\w+) attribute/.exec(reason) ?? [];
  const [, option] = /must be superuser to .*\b(replication|bypassrls)\b/i.exec(reason) ?? [];
  if (option !== undefined)
    return `only a superuser may give or take ${option.toUpperCase()} before PostgreSQL 16`;
  if (attribute === "SUPERUSER") return "only a superuser may change a superuser";
  const [, group] = /Only roles with the ADMIN option on role "(.+)" may/.exec(reason) ?? [];
  if (group !== undefined) {
    const also = /^(drop|reassign)/.test(action) ? "" : "; or leave that membership as it is in `memberOf`";
    return `"${user}" needs ADMIN OPTION on "${group}"${also}`;
  }
  if (/CONNECT privilege/.test(reason)) return `"${user}" needs CONNECT on that database`;
  const [, grantor] = /privileges of role "(.+)" may revoke/.exec(reason) ?? [];
  if (grantor !== undefined)
    return `"${grantor}" granted a membership that is not declared: let that role revoke it, or declare it in \`memberOf\``;
  if (attribute !== "CREATEROLE") return `"${user}" needs ${attribute} itself to give or take it`;
  return / role "/.test(action)
    ? `"${user}" needs CREATEROLE (on CockroachDB CREATELOGIN too), and ADMIN OPTION on roles it did not create itself`
    : `"${user}" needs to be a superuser (on CockroachDB to have MODIFYCLUSTERSETTING)`;
}

function tlsFailed({ server }: Attempt, { message }: DriverError): ReturnType<Sentence> {
  return {
    problem: `the TLS connection to ${server} failed: ${message}`,
    hint: "check the server's certificate, sslmode and sslrootcert",
  };
}

/** Neon's control plane, at COMMIT. */
function verifierRefused({ action, server }: Attempt, { message }: DriverError): ReturnType<Sentence> {
  return {
    problem: `could not ${action} on ${server}: ${message}`,
    hint: "this service takes no verifiers, so its users cannot be managed here without handing it the passwords (docs/managed-services.md)",
  };
}

function existsAlready({ action, server }: Attempt): ReturnType<Sentence> {
  return {
    problem: `could not ${action}: it exists already on ${server}`,
    hint: action.startsWith("create")
      ? "choose another username, or declare `adopt: true` to take the existing role over (for one `up`, if an interrupted one made it: with a `saltSeed` of your own it would be known again); if its resource was renamed, give it `aliases`"
      : "choose another username, or drop or rename the role that has it",
  };
}

/**
 * The sentence for a failure of the driver or the server, with its code in brackets at the end; that code is also the
 * UserError's. Anything else is a bug of ours and comes back as it is.
 * Never the statement or the driver's error itself: both can hold a verifier or a password.
 */
export function explainError(thrown: unknown, attempt: Attempt): unknown {
  const error = thrown instanceof GaveUp ? thrown.cause : thrown;
  const driverError = readDriverError(error);
  const { code } = driverError;
  if (error instanceof UserError || code === undefined) return error;
  const { problem: reason, hint } = sentenceFor(attempt, driverError);
  const problem = thrown instanceof GaveUp ? `${reason} (tried ${thrown.tries} times)` : reason;
  return hint === undefined
    ? new UserError(code, `${problem} [${code}]`)
    : new UserError(code, problem, { hint: `${hint} [${code}]` });
}

function sentenceFor(attempt: Attempt, error: DriverError): ReturnType<Sentence> {
  const { code = "", message } = error;
  const reason = unreachable(code);
  if (reason !== undefined) {
    return {
      problem: `cannot reach the database at ${attempt.server}: ${reason}`,
      hint: "check host and port of the connection, and that the server is running",
    };
  }
  const tls = tlsFailure(code);
  if (tls !== undefined) return { ...tls, problem: `${attempt.server} ${tls.problem}` };
  // After the handshake; OpenSSL's own words are for its developers.
  const [, ofOpenssl] = /^ERR_SSL_([\w/]+)$/.exec(code) ?? [];
  if (ofOpenssl !== undefined)
    return tlsFailed(attempt, { ...error, message: ofOpenssl.toLowerCase().replaceAll("_", " ") });
  if (/only supports being given plaintext passwords/.test(message)) return verifierRefused(attempt, error);
  const sentence = Object.hasOwn(SENTENCES, code) ? SENTENCES[code] : undefined;
  return (
    sentence?.(attempt, error) ?? {
      problem: `could not ${attempt.action} on ${attempt.server}: ${message}`,
    }
  );
}

/** Nobody gets in: the server is not reached, or says no to who we are. */
export function isShutOut(error: unknown): boolean {
  const { code = "" } = readDriverError(error);
  return (
    ["28P01", "28000", "NO_PASSWORD", "require-auth", "no-server"].includes(code) ||
    unreachable(code) !== undefined
  );
}

/** As in libpq, the next of several hosts is asked: this one is not there, is not up, or is not for writing. */
export function isPassedOver(error: unknown): boolean {
  const { code = "" } = readDriverError(error);
  if (code === "CONNECTION_LOST") return isUnasked(error);
  return unreachable(code) !== undefined || code === "57P03" || code === "READ_ONLY";
}

/**
 * The server refused not us, but this way to it: TLS itself, or, before it asked for anything, a rule for connections with or
 * without TLS (28000; a CockroachDB or a pooler that wants TLS says 08P01). What fails once TLS is established is no reason to
 * go without, as in libpq (fe-connect.c, PQconnectPoll: a failed read ends it); nor, unlike in libpq, is a refused certificate
 * in TLS 1.2, which refuses us.
 *
 * @param hadTls whether it was the way with TLS
 */
export function isWayClosed(error: unknown, hadTls: boolean): boolean {
  const { code = "" } = readDriverError(error);
  if (error instanceof NoTls) return hadTls && !error.isOfCertificate;
  return isUnasked(error) && (code === "28000" || (!hadTls && code === "08P01"));
}

function isUnasked(error: unknown): boolean {
  return (error as { unasked?: unknown }).unasked === true;
}

function unreachable(code: string): string | undefined {
  return Object.hasOwn(UNREACHABLE, code) ? UNREACHABLE[code] : undefined;
}

/** The server has no TLS, which says little when TLS was only preferred. */
export function isWithoutTls(error: unknown): boolean {
  return readDriverError(error).code === "NO_TLS";
}

/**
 * The server carried out everything but this one statement, and would refuse it again: what goes with it in a transaction
 * may well succeed without it. By SQLSTATE class, less those about the connection, the transaction or the server as a whole.
 */
export function isOwnFault(error: unknown): boolean {
  if (!(error instanceof UserError)) return false;
  return (
    error.code === "verifier-not-stored" ||
    (/^[0-9A-Z]{5}$/.test(error.code) && !/^(08|25|28|3D|40|53|55|57|58)/.test(error.code))
  );
}

export function isNoSlot(error: unknown): boolean {
  return readDriverError(error).code === "53300";
}

/**
 * Worth another try: nothing was changed, and waiting helps. Serialisation failure, deadlock, a server that starts, a
 * connection lost before its transaction was committed, and PostgreSQL's XX000 "tuple concurrently updated" (or deleted) when
 * two sessions change one role, or a group and its member.
 */
export function isRetryable(error: unknown): boolean {
  const { code, message } = readDriverError(error);
  return (
    ["40001", "40P01", "57P03", "CONNECTION_LOST"].includes(code ?? "") ||
    (code === "XX000" && /tuple concurrently (updated|deleted)/.test(message))
  );
}

/** What the driver says in words only. */
const DRIVER_SAYS: readonly (readonly [RegExp, code: string])[] = [
  [/timeout expired|timeout exceeded|connection timeout/, "ETIMEDOUT"],
  [/Query read timeout/, "NO_ANSWER"],
  [/Connection terminated|connection error and is not queryable|client was closed/i, "CONNECTION_LOST"],
];

/** Node's and the server's codes for the end of a connection: reset, broken, and shut down by an administrator or a crash. */
const LOST = ["ECONNRESET", "EPIPE", "57P01", "57P02"];

/** The connection went away before the answer to COMMIT: nobody here knows whether it was carried out. The cause says how. */
export class CommitLost extends Error {
  readonly code = "COMMIT_LOST";
}

/** Tried more than once, each time in vain; the cause is the failure of the last try. */
export class GaveUp extends Error {
  readonly tries: number;

  constructor(tries: number, cause: unknown) {
    super(`tried ${tries} times`, { cause });
    this.tries = tries;
  }
}

/** The connection was lost, the time is over, or the answer is none: whether the server did it is not known. */
export function isUnanswered(error: unknown): boolean {
  return ["CONNECTION_LOST", "NO_ANSWER", "PROTOCOL"].includes(readDriverError(error).code ?? "");
}

function readDriverError(error: unknown): DriverError {
  const { code, message, detail } = (typeof error === "object" && error !== null ? error : {}) as Record<
    string,
    unknown
  >;
  const words = (text: string) => cut(redact(text), MAX_SERVER_WORDS);
  const text = words(typeof message === "string" ? message : String(error));
  return {
    code: error instanceof pg.DatabaseError ? serversCode(code) : codeOf(code, text),
    message: text,
    detail: typeof detail === "string" ? words(detail) : undefined,
  };
}

/** A server's word is no code of Node's or ours, whatever it is. */
function serversCode(code: unknown): string | undefined {
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? codeOf(code, "") : "XX000";
}

function codeOf(code: unknown, text: string): string | undefined {
  if (typeof code !== "string") return DRIVER_SAYS.find(([words]) => words.test(text))?.[1];
  return LOST.includes(code) ? "CONNECTION_LOST" : code;
}

/** A server may quote the statement it refuses, or the value of a setting, which may be an application's secret. */
function redact(text: string): string {
  return text
    .replaceAll(/SCRAM-SHA-256\$\S*/g, "[secret]")
    .replace(/(invalid value for parameter "[^"]*"): ".*"/s, "$1");
}
