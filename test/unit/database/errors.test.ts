import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { inspect } from "node:util";
import fc from "fast-check";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { ProtocolViolation } from "../../../src/database/connection/login/backend-message";
import { NoTls } from "../../../src/database/connection/tls/tls-failure";
import { CommitLost, ExplainedError } from "../../../src/database/session/driver-error";
import {
  explainError,
  isOwnFault,
  isPassedOver,
  isRetryable,
  isShutOut,
  isUnanswered,
  isWayClosed,
} from "../../../src/database/session/errors";
import { type Operation, wordsOf } from "../../../src/database/session/operation";

import { UserError } from "../../../src/errors";
import { hostileText, unprintable } from "../../support/hostile-text";

const attempt = { operation: { kind: "create", role: "app" }, server: "db:5432", user: "admin" } as const;

function serverError(code: string, message: string, detail?: string): Error {
  return Object.assign(new pg.DatabaseError(message, 0, "error"), { code, detail });
}
const nodeError = (code: string) => Object.assign(new Error(code), { code });

describe("a hint is for what was being done", () => {
  const [create, alter, drop] = (["create", "alter", "drop"] as const).map(
    (kind): Operation => ({ kind, role: "app" }),
  ) as [Operation, Operation, Operation];
  const admin = (role: string) => `Only roles with the ADMIN option on role "${role}" may grant this role.`;
  it.each<[Operation, Error, string]>([
    [
      create,
      serverError("42704", 'role "shop" does not exist'),
      "create that role first, or correct `memberOf`",
    ],
    [alter, serverError("42704", 'role "app" does not exist'), "run `pulumi refresh`, then `pulumi up`"],
    [alter, serverError("42704", "role/user app does not exist"), "run `pulumi refresh`, then `pulumi up`"],
    [
      drop,
      serverError("42704", 'role "new_owner" does not exist'),
      "correct `reassignOwnedTo`, run `pulumi up`, then delete again",
    ],
    [
      create,
      serverError("42704", 'unrecognized configuration parameter "x"'),
      "correct the name under `settings`",
    ],
    [
      drop,
      serverError("42501", "permission denied", admin("new_owner")),
      '"admin" needs ADMIN OPTION on "new_owner"',
    ],
    [
      alter,
      serverError(
        "42501",
        "permission denied",
        "Only roles with the SUPERUSER attribute may alter roles with the SUPERUSER attribute.",
      ),
      "only a superuser may change a superuser",
    ],
  ])("to %j: %s", (operation, error, hint) => {
    const { message } = explainError(error, { ...attempt, operation }) as UserError;
    expect(message).toContain(`; ${hint} [`);
    expect(message).not.toMatch(/\.;|hunter2/);
  });
});

describe("a failure becomes one sentence with its code", () => {
  it.each<[Error, RegExp]>([
    [
      nodeError("ECONNREFUSED"),
      /^cannot reach the database at db:5432: nothing listens there; .*\[ECONNREFUSED\]$/,
    ],
    [new Error("timeout expired"), /it does not answer in time.*\[ETIMEDOUT\]$/],
    [
      new Error("Connection terminated unexpectedly"),
      /^the connection to db:5432 was lost while trying to create role "app"/,
    ],
    [nodeError("ECONNRESET"), /was lost/],
    [serverError("57P01", "terminating connection due to administrator command"), /was lost/],
    [new CommitLost(), /was lost during COMMIT; whether it did create role "app" is not known/],
    [new Error("Query read timeout"), /did not answer within five minutes/],
    [nodeError("NO_TLS"), /^db:5432 does not offer TLS/],
    [nodeError("NOT_POSTGRESQL"), /^db:5432 does not speak PostgreSQL's protocol; check host and port/],
    [
      Object.assign(new Error("self-signed certificate"), { code: "TLS_FAILED" }),
      /^the TLS connection to db:5432 failed: self-signed certificate; check the server's certificate/,
    ],
    // After the handshake, by whatever name OpenSSL has for it.
    ...[
      "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
      "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE",
      "ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE",
    ].map((code): [Error, RegExp] => [
      Object.assign(new Error("80:error:0A000418:SSL routines::alert\n"), { code }),
      /^db:5432 refuses the certificate of this client \(sslcert\); see the server's log; use one .*\]$/,
    ]),
    [
      nodeError("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"),
      /^db:5432 wants a certificate of this client; give sslcert and sslkey \[ERR_SSL_\w+\]$/,
    ],
    [
      nodeError("ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE"),
      /^db:5432 has no cipher in common with this client/,
    ],
    [
      nodeError("ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL"),
      /^db:5432 speaks TLS, and not PostgreSQL in it/,
    ],
    [nodeError("ERR_SSL_TLSV1_UNRECOGNIZED_NAME"), /^db:5432 does not know the name by which it is called/],
    ...[
      "SSL/TLS_ALERT_UNEXPECTED_MESSAGE",
      "SSL/TLS_ALERT_ILLEGAL_PARAMETER",
      "TLSV1_ALERT_INTERNAL_ERROR",
    ].map((reason): [Error, RegExp] => [
      Object.assign(new Error("80:error:0A00045C:SSL routines::x\n"), { code: `ERR_SSL_${reason}` }),
      new RegExp(
        `^the TLS connection to db:5432 failed: ${reason.toLowerCase().replaceAll("_", " ")}; check .* \\[ERR_SSL_${reason}\\]$`,
      ),
    ]),
    [
      Object.assign(new Error("80:error:0A00045C:SSL routines::x\n"), { code: "ERR_SSL_BAD_RECORD_TYPE" }),
      /^the TLS connection to db:5432 failed: bad record type; check .* \[ERR_SSL_BAD_RECORD_TYPE\]$/,
    ],
    [
      serverError(
        "XX000",
        'Received HTTP code 400 from control plane: {"error":"Neon only supports being given plaintext passwords"}',
      ),
      /^could not create role "app" on db:5432: Received HTTP .* plaintext passwords"\}; this service takes no verifiers, .* \[XX000\]$/,
    ],
    [
      serverError("57014", "canceling statement due to user request"),
      /: canceling statement due to user request; somebody cancelled it \(pg_cancel_backend\); run it again \[57014\]$/,
    ],
    [
      new ProtocolViolation("an unexpected message of type Z"),
      /^db:5432 breaks PostgreSQL's protocol during the attempt to create role "app": an unexpected message of type Z; /,
    ],
    [
      serverError(
        "42501",
        'permission denied to revoke role "g"',
        'Only roles with the ADMIN option on role "g" may revoke this role.',
      ),
      /; "admin" needs ADMIN OPTION on "g"; or leave that membership as it is in `memberOf` \[42501\]$/,
    ],
    [
      serverError(
        "42501",
        'permission denied to revoke privileges granted by role "postgres"',
        'Only roles with privileges of role "postgres" may revoke privileges granted by this role.',
      ),
      /; "postgres" granted a membership that is not declared: .* `memberOf` \[42501\]$/,
    ],
    [
      serverError("22023", "password must not equal user name"),
      /^could not create role "app" on db:5432: password must not equal user name \[22023\]$/,
    ],
    [
      serverError("22023", 'invalid value for parameter "work_mem": "hunter\n"2"'),
      /^could not create role "app" on db:5432: the server refuses the value of work_mem; correct it under `settings` \[22023\]$/,
    ],
    [nodeError("NO_PASSWORD"), /asks for the password of the administrator "admin"/],
    [
      serverError("42710", 'role "app" already exists'),
      /^could not create role "app": it exists already on db:5432/,
    ],
    [serverError("23505", "duplicate key"), /it exists already/],
    [
      serverError("55P03", "canceling statement due to lock timeout"),
      /another session has been holding a lock/,
    ],
    [
      serverError("42501", "permission denied", "Only roles with …"),
      /Only roles with …; "admin" needs CREATEROLE.*\[42501\]$/,
    ],
    [
      serverError(
        "42501",
        "permission denied",
        "Only roles with the BYPASSRLS attribute may create roles with the BYPASSRLS attribute.",
      ),
      /; "admin" needs BYPASSRLS itself to give or take it \[42501\]$/,
    ],
    [
      serverError("42501", "permission denied", "Only roles with the CREATEROLE attribute may create roles."),
      /; "admin" needs CREATEROLE \(on CockroachDB/,
    ],
    [
      serverError("42704", 'unrecognized configuration parameter "work_men"'),
      /parameter "work_men"; correct the name under `settings` \[42704\]$/,
    ],
    [
      serverError("42704", 'role "shop" does not exist'),
      /; create that role first, or correct `memberOf` \[42704\]$/,
    ],
    [
      serverError("0A000", "bypassrls is not currently supported"),
      /; this version of the server may not have an option that is declared \[0A000\]$/,
    ],
    [
      serverError("2BP01", "cannot be dropped", "owner of table t\nowner of view v"),
      /\(owner of table t, owner of view v\)/,
    ],
    [
      serverError("99999", "something new"),
      /^could not create role "app" on db:5432: something new \[99999\]$/,
    ],
  ])("%s", (error, sentence) => {
    const explained = explainError(error, attempt);
    expect(explained).toBeInstanceOf(UserError);
    expect((explained as UserError).message).toMatch(sentence);
    expect((explained as UserError).message).not.toContain("\n");
  });

  it("a verifier that the server quotes is left out", () => {
    const error = serverError(
      "42601",
      `syntax error at "SCRAM-SHA-256$4096:c2FsdA==$a:b"`,
      "near SCRAM-SHA-256$4096:c2FsdA==$a:b",
    );
    expect((explainError(error, attempt) as UserError).message).toBe(
      'could not create role "app" on db:5432: syntax error at "[secret]; this version of the server may not have an option that is declared [42601]',
    );
  });

  it("nor is one in the details, where a sentence has them", () => {
    const error = serverError("2BP01", "cannot be dropped", "owner of SCRAM-SHA-256$4096:c2FsdA==$a:b");
    expect((explainError(error, attempt) as UserError).message).toContain("(owner of [secret])");
  });

  it("what is neither the driver's nor the server's comes back as it is: it is a bug", () => {
    const bug = new TypeError("x is not a function");
    expect(explainError(bug, attempt)).toBe(bug);
  });
});

describe("what to do about it", () => {
  it.each<[Error, boolean]>([
    [serverError("40001", "restart transaction"), true],
    [serverError("40P01", "deadlock detected"), true],
    [serverError("57P03", "the database system is starting up"), true],
    [serverError("XX000", "tuple concurrently updated"), true],
    [serverError("XX000", "tuple concurrently deleted"), true],
    [serverError("XX000", "something else"), false],
    [new Error("Connection terminated unexpectedly"), true],
    [new CommitLost(), false],
    [serverError("42501", "permission denied"), false],
    [nodeError("ECONNREFUSED"), false],
  ])("try again after %s: %s", (error, expected) => {
    expect(isRetryable(error)).toBe(expected);
  });

  it.each<[string, boolean]>([
    ["42501", true],
    ["42704", true],
    ["42939", true],
    ["2BP01", true],
    ["XXUUU", true],
    // Of the connection, the transaction or the server as a whole: it would happen to the next one too.
    ["40001", false],
    ["53300", false],
    ["55P03", false],
    ["57014", false],
    ["58030", false],
    ["08006", false],
  ])("a server's %s is the statement's own fault: %s", (code, expected) => {
    expect(isOwnFault(explainError(serverError(code, "no"), attempt))).toBe(expected);
  });

  it.each<[string, Error, boolean]>([
    ["ours", new UserError("verifier-not-stored", "no"), true],
    ["ours", new UserError("verifiers-refused", "no"), false],
    ["ours, of the form of a SQLSTATE", new UserError("42501", "no"), false],
    ["Node's", nodeError("ECONNREFUSED"), false],
    ["Node's, of the form of a SQLSTATE", nodeError("EPERM"), false],
    ["the driver's", new Error("Connection terminated"), false],
    ["the driver's", new CommitLost(), false],
    ["a server's of Node's form", serverError("EPERM", "no"), true],
  ])("one of %s is, explained: %s: %s", (_, error, expected) => {
    expect(isOwnFault(explainError(error, attempt))).toBe(expected);
  });

  it("a failure that is explained is judged by what was said, and keeps that to itself", () => {
    const explained = explainError(serverError("57P01", "shut down: hunter2"), attempt);
    expect(explained).toBeInstanceOf(ExplainedError);
    expect([isUnanswered(explained), isRetryable(explained)]).toEqual([true, true]);
    expect(inspect(explained, { showHidden: true })).not.toContain("hunter2");
  });

  it.each<[Error, boolean]>([
    [serverError("28P01", "wrong password"), true],
    [serverError("28000", "no entry"), true],
    [nodeError("NO_PASSWORD"), true],
    [nodeError("ECONNREFUSED"), true],
    [serverError("42501", "permission denied"), false],
    [new UserError("no-server", "no connection is given"), true],
  ])("nobody gets in after %s: %s", (error, expected) => {
    expect(isShutOut(explainError(error, attempt))).toBe(expected);
  });

  it("a socket that is missing, by Node's own error, is a server that cannot be reached", async () => {
    const missing = await new Promise<Error>((resolve) =>
      connect("/nonexistent/.s.PGSQL.5432").once("error", resolve),
    );
    const explained = explainError(missing, attempt) as UserError;
    expect(explained.message).toContain("the socket does not exist");
    expect([isShutOut(explained), isPassedOver(missing)]).toEqual([true, true]);
  });

  it("a file that is missing, by Node's own error, is not: it is a bug that it comes here", () => {
    let missing: unknown;
    try {
      readFileSync("/nonexistent/rules.conf");
    } catch (error) {
      missing = error;
    }
    expect(missing).toMatchObject({ code: "ENOENT" });
    expect(explainError(missing, attempt)).toBe(missing);
    expect([isShutOut(missing), isPassedOver(missing)]).toEqual([false, false]);
  });

  it("what is lost is told from what is known", () => {
    const errors = [nodeError("EPIPE"), new ProtocolViolation("nonsense"), new CommitLost()];
    expect(errors.map(isUnanswered)).toEqual([true, true, false]);
  });

  /** Before the server asked for anything. */
  const unasked = (error: Error) => Object.assign(error, { unasked: true });
  const lost = () => new Error("Connection terminated");

  it.each<[Error, next: boolean]>([
    [nodeError("ECONNREFUSED"), true],
    [new Error("timeout expired"), true],
    [serverError("57P03", "the database system is starting up"), true],
    [unasked(lost()), true],
    [lost(), false],
    [unasked(serverError("28000", "no entry")), false],
    [unasked(serverError("53300", "too many clients")), false],
    [serverError("28P01", "wrong password"), false],
  ])("the next host is asked after %s: %s", (error, next) => {
    expect(isPassedOver(error)).toBe(next);
  });

  it.each<[Error, afterTls: boolean, afterPlain: boolean]>([
    [unasked(serverError("28000", "no entry")), true, true],
    [unasked(serverError("08P01", "TLS required")), false, true],
    [serverError("28000", "no entry"), false, false],
    [serverError("08P01", "TLS required"), false, false],
    [unasked(serverError("28P01", "no such user")), false, false],
    [unasked(lost()), false, false],
    [new NoTls("NO_TLS"), true, false],
    [new NoTls("TLS_FAILED"), true, false],
    [new NoTls("ERR_SSL_WRONG_VERSION_NUMBER"), true, false],
    // What the server refuses is not TLS, but who we are.
    [new NoTls("ERR_SSL_TLSV1_ALERT_UNKNOWN_CA"), false, false],
    [new NoTls("ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED"), false, false],
    [new NoTls("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"), false, false],
    // After the handshake.
    [unasked(nodeError("ERR_SSL_TLSV1_ALERT_UNKNOWN_CA")), false, false],
    [unasked(nodeError("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION")), false, false],
    [unasked(nodeError("ERR_SSL_BAD_RECORD_TYPE")), false, false],
    [nodeError("ECONNREFUSED"), false, false],
  ])("the other way is tried after %s: %s with TLS, %s without", (error, afterTls, afterPlain) => {
    expect([isWayClosed(error, true), isWayClosed(error, false)]).toEqual([afterTls, afterPlain]);
  });
});

describe("of what a hostile server says", () => {
  const CODES = [
    "28000",
    "3D000",
    "42704",
    "22023",
    "42601",
    "42939",
    "42501",
    "2BP01",
    "42710",
    "XX000",
    "99999",
  ];

  it("nothing is unprintable, and the sentence stays one", () => {
    fc.assert(
      fc.property(fc.constantFrom(...CODES), hostileText, hostileText, (code, message, detail) => {
        const explained = explainError(serverError(code, message, detail), attempt) as UserError;
        expect(explained).toBeInstanceOf(UserError);
        expect(unprintable(explained.message)).toEqual([]);
      }),
    );
  });

  it.each(CODES)("a megabyte is cut: %s", (code) => {
    const long = "word ".repeat(200_000);
    const { message } = explainError(serverError(code, long, long), attempt) as UserError;
    expect(message.length).toBeLessThan(1_500);
    expect(message).toContain(`[${code}]`);
  });

  it("a verifier at the cut is left out all the same", () => {
    const long = `${"x".repeat(485)} SCRAM-SHA-256$4096:c2FsdA==$a:b`;
    expect((explainError(serverError("99999", long), attempt) as UserError).message).not.toContain("SCRAM-");
  });

  it.each([
    "constructor",
    "__proto__",
    "toString",
    "COMMIT_LOST",
    "CONNECTION_LOST",
    "ECONNREFUSED",
    "NO_PASSWORD",
    "verifier-not-stored",
    "42\n501",
    "",
    undefined,
  ])("no other code than a SQLSTATE is taken for one: %o", (code) => {
    const error = serverError(code as string, "no");
    const explained = explainError(error, attempt) as UserError;
    expect(explained.message).toBe('could not create role "app" on db:5432: no [XX000]');
    expect(explained.code).toBe("XX000");
    expect([isRetryable, isUnanswered, isPassedOver].map((judge) => judge(error))).toEqual([
      false,
      false,
      false,
    ]);
    expect(isWayClosed(error, true)).toBe(false);
  });
});

describe("whose code it is", () => {
  it("a server that sends a word of ours or Node's is not taken for us", () => {
    for (const code of ["NO_PASSWORD", "COMMIT_LOST", "CONNECTION_LOST", "NO_TLS", "ECONNREFUSED"])
      expect(explainError(serverError(code, "planted"), attempt)).toMatchObject({
        code: "XX000",
        message: 'could not create role "app" on db:5432: planted [XX000]',
      });
    // Of the form of a SQLSTATE, and Node's word for a connection that is gone.
    const likeNodes = serverError("EPIPE", "planted");
    for (const error of [likeNodes, explainError(likeNodes, attempt)])
      expect([isRetryable(error), isUnanswered(error)]).toEqual([false, false]);
    expect((explainError(likeNodes, attempt) as UserError).message).toBe(
      'could not create role "app" on db:5432: planted [EPIPE]',
    );
  });

  it("an error of Node's with a SQLSTATE for its code is none of the server's", () => {
    expect((explainError(nodeError("28P01"), attempt) as UserError).message).not.toContain(
      "refused the password",
    );
  });
});

describe("the words of an operation decide nothing: a hint goes by its kind and its role", () => {
  it.each<[string, RegExp]>([
    ['drop role "app"', /create that role first/],
    ['create role "app"', /create that role first/],
  ])("%s", (words, hint) => {
    const missing = serverError("42704", 'role "app" does not exist');
    expect((explainError(missing, { ...attempt, operation: words }) as UserError).hint).toMatch(hint);
  });

  it.each<[Operation, string]>([
    [{ kind: "create", role: "app", others: 2 }, 'create role "app" and change 2 more'],
    [{ kind: "rename", role: "app", to: "shop" }, 'rename role "app" to "shop"'],
    [{ kind: "reassign", role: "app", database: "d" }, 'reassign what role "app" owns in database "d"'],
    [{ kind: "reassign", role: "app" }, 'reassign what role "app" owns'],
    [{ kind: "administrators", role: "app" }, 'see who administers role "app"'],
    ["log in", "log in"],
  ])("%j is told in words", (operation, words) => {
    expect(wordsOf(operation)).toBe(words);
  });
});
