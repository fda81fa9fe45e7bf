import { tlsFailure } from "../connection/tls/tls-failure";
import type { DriverError } from "./driver-error";
import { isCreation, isDeletion, type Operation, roleOf, wordsOf } from "./operation";

/** What was being done, where and as whom: what every message needs. */
export interface Attempt {
  readonly operation: Operation;
  readonly server: string;
  readonly user: string;
}

type Sentence = (
  attempt: Attempt,
  error: DriverError,
) => { readonly problem: string; readonly hint?: string };

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

/** What Node or our own code says, by its code. */
const OF_THE_CLIENT: Readonly<Record<string, Sentence>> = {
  READ_ONLY: ({ server }) => ({ problem: `${server} accepts no writes`, hint: "name the primary server" }),
  NO_PASSWORD: ({ server, user }) => ({
    problem: `${server} asks for the password of the administrator "${user}", and none is known`,
    hint: "put it into the connection, PGPASSWORD or the password file",
  }),
  UNSUPPORTED_AUTHENTICATION: ({ server, user }, { message }) => ({
    problem: `${server} asks the administrator "${user}" for ${message}, which is not supported here`,
    hint: "let it log in by password or certificate from this machine (HBA rules)",
  }),
  CONNECTION_LOST: ({ operation, server }) => ({
    problem: `the connection to ${server} was lost while trying to ${wordsOf(operation)}`,
    hint: "check that the server is running, then try again",
  }),
  COMMIT_LOST: ({ operation, server }) => ({
    problem: `the connection to ${server} was lost during COMMIT; whether it did ${wordsOf(operation)} is not known`,
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
  PROTOCOL: ({ operation, server }, { message }) => ({
    problem: `${server} breaks PostgreSQL's protocol during the attempt to ${wordsOf(operation)}: ${message}`,
    hint: "check what runs there, or between",
  }),
  NO_ANSWER: ({ operation, server }) => ({
    problem: `${server} did not answer within five minutes to the attempt to ${wordsOf(operation)}`,
    hint: "see what it is doing, then try again",
  }),
};

/** What the server says, by SQLSTATE (PostgreSQL documentation, appendix A). */
const OF_THE_SERVER: Readonly<Record<string, Sentence>> = {
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
  "25006": ({ operation, server, user }) => ({
    problem: `could not ${wordsOf(operation)} on ${server}: it accepts no writes`,
    hint: `if it is a replica, name the primary, or all hosts and target_session_attrs=read-write; else see default_transaction_read_only of "${user}" and the database`,
  }),
  "57014": ({ operation, server, user }, { message }) => ({
    problem: `could not ${wordsOf(operation)} on ${server}: ${message}`,
    hint: /user request/.test(message)
      ? "somebody cancelled it (pg_cancel_backend); run it again"
      : `see statement_timeout of "${user}" and the database; options=-c%20statement_timeout=0 in the connection's URL lifts it`,
  }),
  "42710": existsAlready,
  // Two sessions that create one role at the same moment.
  "23505": existsAlready,
  "55P03": ({ operation, server }) => ({
    problem: `could not ${wordsOf(operation)} on ${server}: another session has been holding a lock on it`,
    hint: "find out which one (pg_locks), then try again",
  }),
  "42704": ({ operation, server }, { message }) => ({
    problem: `could not ${wordsOf(operation)} on ${server}: ${message}`,
    hint: whatIsMissing(operation, message),
  }),
  "22023": ({ operation, server }, { message }) => {
    // In whatever language: the name of the parameter comes first, and then a value, which may be a secret.
    const [, parameter] = /["»«„“'`]([a-z_][\w.]*)["»«“”'`]/i.exec(message) ?? [];
    if (parameter === undefined)
      return { problem: `could not ${wordsOf(operation)} on ${server}: ${message}` };
    const problem = `could not ${wordsOf(operation)} on ${server}: the server refuses the value of ${parameter}`;
    return roleOf(operation) !== undefined ? { problem, hint: "correct it under `settings`" } : { problem };
  },
  "42601": newerThanServer,
  "0A000": newerThanServer,
  "42939": ({ operation }, { message }) => ({
    problem: `could not ${wordsOf(operation)}: ${message}`,
    hint: "choose another username",
  }),
  "42501": ({ operation, server, user }, { message, detail }) => ({
    problem: `could not ${wordsOf(operation)} on ${server}: ${(detail ?? message).replace(/\.$/, "")}`,
    hint: privilegeFor(operation, user, detail ?? message),
  }),
  // PostgreSQL lists what depends in the detail, CockroachDB in the message.
  "2BP01": ({ operation, server }, { message, detail }) => ({
    problem: `could not ${wordsOf(operation)} on ${server}: other things depend on it (${(detail ?? message).trim().replaceAll("\n", ", ")})`,
    hint: isDeletion(operation)
      ? "declare the role that should own them as `reassignOwnedTo`, run `pulumi up`, then delete; or reassign or drop them yourself, in each database named"
      : "first revoke what was granted on by way of it",
  }),
};

/** Options come with versions. */
function newerThanServer({ operation, server }: Attempt, { message }: DriverError): ReturnType<Sentence> {
  return {
    problem: `could not ${wordsOf(operation)} on ${server}: ${message}`,
    hint: "this version of the server may not have an option that is declared",
  };
}

function whatIsMissing(operation: Operation, message: string): string {
  if (/configuration parameter/.test(message)) return "correct the name under `settings`";
  const [, missing] = /role(?:\/user)? "?([^"]+)"? does not exist/.exec(message) ?? [];
  if (missing === undefined || roleOf(operation) === missing) return "run `pulumi refresh`, then `pulumi up`";
  return isDeletion(operation)
    ? "correct `reassignOwnedTo`, run `pulumi up`, then delete again"
    : "create that role first, or correct `memberOf`";
}

function privilegeFor(operation: Operation, user: string, reason: string): string {
  // Since PostgreSQL 16 an administrator gives and takes only what it has itself.
  const [, attribute = "CREATEROLE"] = /Only roles with the (\w+) attribute/.exec(reason) ?? [];
  const [, option] = /must be superuser to .*\b(replication|bypassrls)\b/i.exec(reason) ?? [];
  if (option !== undefined)
    return `only a superuser may give or take ${option.toUpperCase()} before PostgreSQL 16`;
  if (attribute === "SUPERUSER") return "only a superuser may change a superuser";
  const [, group] = /Only roles with the ADMIN option on role "(.+)" may/.exec(reason) ?? [];
  if (group !== undefined) {
    const also = isDeletion(operation) ? "" : "; or leave that membership as it is in `memberOf`";
    return `"${user}" needs ADMIN OPTION on "${group}"${also}`;
  }
  if (/CONNECT privilege/.test(reason)) return `"${user}" needs CONNECT on that database`;
  const [, grantor] = /privileges of role "(.+)" may revoke/.exec(reason) ?? [];
  if (grantor !== undefined)
    return `"${grantor}" granted a membership that is not declared: let that role revoke it, or declare it in \`memberOf\``;
  if (attribute !== "CREATEROLE") return `"${user}" needs ${attribute} itself to give or take it`;
  return roleOf(operation) !== undefined
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
function verifierRefused({ operation, server }: Attempt, { message }: DriverError): ReturnType<Sentence> {
  return {
    problem: `could not ${wordsOf(operation)} on ${server}: ${message}`,
    hint: "this service takes no verifiers, so its users cannot be managed here without handing it the passwords (docs/guides/managed-services.md)",
  };
}

function existsAlready({ operation, server }: Attempt): ReturnType<Sentence> {
  return {
    problem: `could not ${wordsOf(operation)}: it exists already on ${server}`,
    hint: isCreation(operation)
      ? "choose another username, or declare `adopt: true` to take the existing role over (for one `up`, if an interrupted one made it: with a `saltSeed` of your own it would be known again); if its resource was renamed, give it `aliases`"
      : "choose another username, or drop or rename the role that has it",
  };
}

/** What happened, and what to do about it. */
export function sentenceFor(attempt: Attempt, error: DriverError): ReturnType<Sentence> {
  const { of, code = "", message } = error;
  const reason = unreachable(error);
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
  const table = of === "server" ? OF_THE_SERVER : OF_THE_CLIENT;
  const sentence = Object.hasOwn(table, code) ? table[code] : undefined;
  return (
    sentence?.(attempt, error) ?? {
      problem: `could not ${wordsOf(attempt.operation)} on ${attempt.server}: ${message}`,
    }
  );
}

/** Why a server cannot be reached, by Node's code. */
export function unreachable({ of, code = "" }: DriverError): string | undefined {
  return of === "client" && Object.hasOwn(UNREACHABLE, code) ? UNREACHABLE[code] : undefined;
}
