import { describe, expect, it } from "vitest";
import { resolveTarget } from "../../../src/database/connection/parameters/target";
import { Session } from "../../../src/database/session/session";
import { UserError } from "../../../src/scram";
import { errorResponse } from "../../cockroachdb-stand-in/wire/messages";
import { SqlError } from "../../cockroachdb-stand-in/wire/sql-error";
import { createAuthority } from "../../support/certificates";
import { type Answer, FakeServer, type FakeServerOptions, type Moment } from "../../support/fake-server";
import { serverUrl } from "../../support/server";

const tls = createAuthority().issueServer("127.0.0.1");
const READ_ONLY = `${serverUrl()}?options=-c%20default_transaction_read_only%3Don`;

const refusal = (code: string): Answer => ({ send: errorResponse(new SqlError(code, "no")), next: "closes" });
const CLOSES: Answer = { next: "closes" };
const HANGS: Answer = {};
const GARBAGE: Answer = { send: Buffer.from("220 mail.example.com ESMTP\r\n") };

/** A server that gives this answer at one moment, over TLS or over every connection. */
const wrong = (at: Moment, answer: Answer, only?: "TLS" | "plain"): FakeServerOptions => ({
  answer: (situation) =>
    situation.at === at && (only === undefined || situation.overTls === (only === "TLS"))
      ? answer
      : undefined,
});

/** `"in"`, or the code of why not. */
async function connected(url: string): Promise<string> {
  try {
    await new Session(resolveTarget(url)).product();
    return "in";
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).not.toMatch(/\n/);
    return error.code;
  }
}

describe("sslmode=prefer: without TLS only where TLS itself, or a rule for it, was refused", () => {
  it.each<[string, FakeServerOptions, ways: string[], outcome: string]>([
    [
      "the server has no TLS",
      { ...wrong("SSLRequest", { send: Buffer.from("N"), next: "goes on" }), tls: undefined },
      ["plain"],
      "in",
    ],
    ["the handshake fails", wrong("ClientHello", GARBAGE), ["plain"], "in"],
    ["the handshake is broken off", wrong("ClientHello", CLOSES), ["plain"], "in"],
    ["a rule refuses TLS (28000)", wrong("StartupMessage", refusal("28000"), "TLS"), ["TLS", "plain"], "in"],
    ["everything is fine", {}, ["TLS"], "in"],
    ["the password is refused (28P01)", wrong("SASLResponse", refusal("28P01"), "TLS"), ["TLS"], "28P01"],
    [
      "the user is, once it has proved itself (28000)",
      wrong("SASLResponse", refusal("28000"), "TLS"),
      ["TLS"],
      "28000",
    ],
    [
      "the user is not known (28P01, at once)",
      wrong("StartupMessage", refusal("28P01"), "TLS"),
      ["TLS"],
      "28P01",
    ],
    [
      "there is no connection slot left (53300)",
      wrong("StartupMessage", refusal("53300"), "TLS"),
      ["TLS"],
      "53300",
    ],
    ["there is no such database (3D000)", wrong("SASLResponse", refusal("3D000"), "TLS"), ["TLS"], "3D000"],
    [
      "the protocol is broken, it says (08P01)",
      wrong("StartupMessage", refusal("08P01"), "TLS"),
      ["TLS"],
      "08P01",
    ],
    [
      "the answer to the request for TLS is an error",
      wrong("SSLRequest", refusal("53300")),
      [],
      "NOT_POSTGRESQL",
    ],
    ["it is a mail server", wrong("SSLRequest", GARBAGE), [], "NOT_POSTGRESQL"],
    ["it says nothing", wrong("SSLRequest", HANGS), [], "ETIMEDOUT"],
    ["it says nothing in the handshake", wrong("ClientHello", HANGS), [], "ETIMEDOUT"],
    ["it says nothing after it", wrong("StartupMessage", HANGS, "TLS"), ["TLS"], "ETIMEDOUT"],
    ["it says nothing to the proof", wrong("SASLResponse", HANGS, "TLS"), ["TLS"], "ETIMEDOUT"],
    ["it talks nonsense over TLS", wrong("StartupMessage", GARBAGE, "TLS"), ["TLS"], "NOT_POSTGRESQL"],
    ["it talks nonsense later", wrong("SASLInitialResponse", GARBAGE, "TLS"), ["TLS"], "PROTOCOL"],
    ["it asks for the password in clear", { asks: "cleartext" }, ["TLS"], "require-auth"],
    ["it asks for few iterations", { iterations: 1 }, ["TLS"], "iterations-too-few"],
    ["it accepts no writes", { backend: READ_ONLY }, ["TLS"], "READ_ONLY"],
  ])("%s", async (_case, options, ways, outcome) => {
    const server = await FakeServer.start({ tls, backend: serverUrl(), ...options });
    const url = server.url("sslmode=prefer&connect_timeout=1&target_session_attrs=read-write");
    expect(await connected(url)).toBe(outcome);
    // A second connection of the same kind, once the server is found.
    expect([...new Set(server.ways)]).toEqual(ways);
  });

  it("a server that starts up, or goes away, is asked again in the same way", async () => {
    for (const [answer, outcome] of [
      [refusal("57P03"), "57P03"],
      [CLOSES, "CONNECTION_LOST"],
    ] as const) {
      const server = await FakeServer.start({ tls, ...wrong("StartupMessage", answer, "TLS") });
      expect(await connected(server.url("sslmode=prefer"))).toBe(outcome);
      expect(server.ways).toEqual(["TLS", "TLS", "TLS", "TLS", "TLS"]);
    }
  });
});

it("what is allowed is allowed to every connection of a session, not only to the first", async () => {
  const server = await FakeServer.start({ asks: "cleartext", backend: serverUrl() });
  expect(await connected(server.url())).toBe("require-auth");
  expect(await connected(server.url("require_auth=password"))).toBe("in");
  expect(server.ways).toHaveLength(3);
});

describe("sslmode=allow: with TLS only where a rule refused the connection without", () => {
  it.each<[string, FakeServerOptions, ways: string[], outcome: string]>([
    ["a rule refuses it (28000)", wrong("StartupMessage", refusal("28000"), "plain"), ["plain", "TLS"], "in"],
    [
      "CockroachDB or a pooler does (08P01)",
      wrong("StartupMessage", refusal("08P01"), "plain"),
      ["plain", "TLS"],
      "in",
    ],
    ["everything is fine", {}, ["plain"], "in"],
    ["the password is refused", wrong("SASLResponse", refusal("28P01")), ["plain"], "28P01"],
    ["it says nothing", wrong("StartupMessage", HANGS), ["plain"], "ETIMEDOUT"],
    ["it asks for the password in clear", { asks: "cleartext" }, ["plain"], "require-auth"],
  ])("%s", async (_case, options, ways, outcome) => {
    const server = await FakeServer.start({ tls, backend: serverUrl(), ...options });
    expect(await connected(server.url("sslmode=allow&connect_timeout=1"))).toBe(outcome);
    expect([...new Set(server.ways)]).toEqual(ways);
  });
});

describe("of several hosts, the next one is asked only where this one is not there, not up, or not for writing", () => {
  it.each<[string, FakeServerOptions, asked: boolean]>([
    ["says nothing", wrong("SSLRequest", HANGS), true],
    ["says nothing to the proof", wrong("SASLResponse", HANGS), true],
    ["goes away before it asks for anything", wrong("SSLRequest", CLOSES), true],
    ["starts up (57P03)", wrong("StartupMessage", refusal("57P03")), true],
    ["accepts no writes", { backend: READ_ONLY }, true],
    ["goes away with the proof", wrong("SASLResponse", CLOSES), false],
    ["refuses the password (28P01)", wrong("SASLResponse", refusal("28P01")), false],
    ["has a rule against us (28000)", wrong("StartupMessage", refusal("28000")), false],
    ["has no connection slot left (53300)", wrong("StartupMessage", refusal("53300")), false],
    ["has no such database (3D000)", wrong("SASLResponse", refusal("3D000")), false],
    ["is a mail server", wrong("SSLRequest", GARBAGE), false],
    ["talks nonsense later", wrong("SASLInitialResponse", GARBAGE), false],
    ["asks for few iterations", { iterations: 1 }, false],
    ["asks for the password in clear", { asks: "cleartext" }, false],
  ])("the first %s", async (_case, options, asked) => {
    const first = await FakeServer.start(options);
    const second = await FakeServer.start({ backend: serverUrl() });
    const url = first
      .url("connect_timeout=1")
      .replace(`:${first.port}`, `:${first.port},127.0.0.1:${second.port}`);
    expect(await connected(url)).toBe(asked ? "in" : "no-server");
    expect(second.ways.length > 0).toBe(asked);
  });
});
