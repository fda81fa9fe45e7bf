import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  clientFirstMessage,
  deriveVerifier,
  formatVerifier,
  makeNonce,
  parseServerFirstMessage,
  parseVerifier,
} from "../../../src/scram";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { createAuthority } from "../../support/certificates";
import { PASSWORDS } from "../../support/passwords";
import { type Door, firstAnswer, scramLogin } from "../../support/scram-login";
import { startScramServer } from "../../support/scram-server";
import { query } from "../../support/targets";

const authority = createAuthority("sha512");
const certificate = authority.issueServer("localhost", "127.0.0.1");

describe("our client and PostgreSQL", () => {
  let server: PostgresServer;
  let plain: Door;
  let tls: Door;

  beforeAll(async () => {
    server = await startPostgres(
      { ssl: "on" },
      { "server.crt": certificate.cert, "server.key": certificate.key },
    );
    plain = { port: server.port };
    tls = { port: server.port, ca: authority.cert };
    await query(server.url, "CREATE ROLE alice LOGIN PASSWORD 'correct horse'");
  });
  afterAll(() => server.stop());

  it.each(PASSWORDS)("password that the server hashed: %s", async (_, password) => {
    await query(server.url, "DROP ROLE IF EXISTS bob");
    await query(server.url, `CREATE ROLE bob LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
    expect(await scramLogin(plain, "bob", password)).toBe("bob by SCRAM-SHA-256");
  });

  it("password that we hashed", async () => {
    const verifier = await deriveVerifier("staple", { salt: randomBytes(16), iterations: 10_610 });
    await query(server.url, `CREATE ROLE carol LOGIN PASSWORD '${formatVerifier(verifier)}'`);
    expect(await scramLogin(plain, "carol", "staple")).toBe("carol by SCRAM-SHA-256");
  });

  it("channel binding over TLS, to a certificate signed with SHA-512", async () => {
    expect(await scramLogin(tls, "alice", "correct horse")).toBe("alice by SCRAM-SHA-256-PLUS");
  });

  it.each([
    [
      "wrong password",
      "plain",
      "alice",
      "incorrect horse",
      {},
      `password authentication failed for user "alice"`,
    ],
    [
      "wrong password over TLS",
      "tls",
      "alice",
      "incorrect horse",
      {},
      `password authentication failed for user "alice"`,
    ],
    [
      "unknown user",
      "plain",
      "mallory",
      "correct horse",
      {},
      `password authentication failed for user "mallory"`,
    ],
    [
      "hash of another certificate",
      "tls",
      "alice",
      "correct horse",
      { channelBinding: randomBytes(64) },
      "SCRAM channel binding check failed",
    ],
    [
      "offer of channel binding removed on its way",
      "tls",
      "alice",
      "correct horse",
      { offered: ["SCRAM-SHA-256"] },
      "SCRAM channel binding negotiation error",
    ],
  ] as const)("the server refuses: %s", async (_, door, user, password, deviation, refusal) => {
    await expect(scramLogin(door === "tls" ? tls : plain, user, password, deviation)).rejects.toThrow(
      refusal,
    );
  });

  describe("who only asks for salt and iteration count", () => {
    const ask = async (user: string) => {
      const nonce = makeNonce();
      return parseServerFirstMessage(await firstAnswer(plain, user, clientFirstMessage(nonce)), nonce);
    };

    it("is told what is stored", async () => {
      const [row] = await query<{ hash: string }>(
        server.url,
        "SELECT rolpassword AS hash FROM pg_authid WHERE rolname = 'alice'",
      );
      const { salt, iterations } = parseVerifier(row?.hash ?? "");
      expect(await ask("alice")).toMatchObject({ salt, iterations });
    });

    it("is told something for a user who is not there, too, and always the same", async () => {
      const { salt, iterations } = await ask("mallory");
      expect(await ask("mallory")).toMatchObject({ salt, iterations });
      expect((await ask("alice")).salt).not.toEqual(salt);
    });
  });
});

describe("our server and node-postgres", () => {
  const login = async (port: number, user: string, password: string, config: pg.ClientConfig = {}) => {
    const client = new pg.Client({ host: "127.0.0.1", port, user, password, database: "x", ...config });
    await client.connect();
    await client.end();
  };
  const verifierOf = (password: string) =>
    deriveVerifier(password, { salt: randomBytes(16), iterations: 4_096 });
  const ssl = { ca: authority.cert };

  it("lets a user in", async () => {
    const { port, chosen } = await startScramServer({ alice: await verifierOf("correct horse") });
    await login(port, "alice", "correct horse");
    expect(chosen).toEqual(["SCRAM-SHA-256"]);
  });

  it("lets a user in over TLS, bound to the channel if the client can", async () => {
    const { port, chosen } = await startScramServer(
      { alice: await verifierOf("correct horse") },
      certificate,
    );
    await login(port, "alice", "correct horse", { ssl });
    await login(port, "alice", "correct horse", { ssl, enableChannelBinding: true });
    expect(chosen).toEqual(["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"]);
  });

  it.each([
    ["a wrong password", "alice", "incorrect horse"],
    ["an unknown user", "mallory", "correct horse"],
  ])("refuses %s in PostgreSQL's words", async (_, user, password) => {
    const { port } = await startScramServer({ alice: await verifierOf("correct horse") }, certificate);
    for (const config of [{}, { ssl, enableChannelBinding: true }]) {
      await expect(login(port, user, password, config)).rejects.toMatchObject({
        code: "28P01",
        message: `password authentication failed for user "${user}"`,
      });
    }
  });

  it("refuses a client bound to another server's certificate", async () => {
    const boundTo = authority.issueServer("localhost");
    const { port } = await startScramServer(
      { alice: await verifierOf("correct horse") },
      certificate,
      boundTo,
    );
    await expect(
      login(port, "alice", "correct horse", { ssl, enableChannelBinding: true }),
    ).rejects.toMatchObject({ code: "08P01", message: expect.stringContaining("bound to another channel") });
  });
});
