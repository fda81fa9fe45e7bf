import { UserError } from "../../errors";
import { NoTls } from "../connection/tls/tls-failure";
import { ExplainedError, readDriverError } from "./driver-error";
import { type Attempt, sentenceFor, unreachable } from "./sentences";

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
    ? new ExplainedError(driverError, code, `${problem} [${code}]`)
    : new ExplainedError(driverError, code, problem, { hint: `${hint} [${code}]` });
}

/** Nobody gets in: the server is not reached, or says no to who we are. Of what is explained already. */
export function isShutOut(error: unknown): boolean {
  if (!(error instanceof UserError)) return false;
  return (
    ["28P01", "28000", "NO_PASSWORD", "require-auth", "no-server"].includes(error.code) ||
    unreachable(readDriverError(error)) !== undefined
  );
}

/** As in libpq, the next of several hosts is asked: this one is not there, is not up, or is not for writing. */
export function isPassedOver(error: unknown): boolean {
  const said = readDriverError(error);
  const { code } = said;
  if (code === "CONNECTION_LOST") return isUnasked(error);
  return unreachable(said) !== undefined || code === "57P03" || code === "READ_ONLY";
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
  const { of, code = "" } = readDriverError(error);
  return of === "server" ? !/^(08|25|28|3D|40|53|55|57|58)/.test(code) : error.code === "verifier-not-stored";
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

/** The connection was lost, the time is over, or the answer is none: whether the server did it is not known. */
export function isUnanswered(error: unknown): boolean {
  return ["CONNECTION_LOST", "NO_ANSWER", "PROTOCOL"].includes(readDriverError(error).code ?? "");
}

/** Every try failed; the cause is the failure of the last one. */
export class GaveUp extends Error {
  readonly tries: number;

  constructor(tries: number, cause: unknown) {
    super(`tried ${tries} times`, { cause });
    this.tries = tries;
  }
}
