import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import type { Props } from "../../../src/provider/protocol/wire";
import { check, deploy, userProviderFor } from "../../support/engine-side";
import { createAdmin, serverUrl, sql, storedHash, watchServerLog } from "../../support/server";

const SECRET = "Canary-7f3a";
const good =
  "SCRAM-SHA-256$4096:pAlYy62NTdETKb291V/Wow==$OXMAj9oD53QucEYVMBcdhRnjg2/S/iZY/88ShZnputA=:r8l4c1pk9bmDi+8an059l/nt9Bg1zb1ikkg+DeRv4UQ=";
const name = () => `user ${randomUUID().slice(0, 8)}`;

/** What the user reads. One line, and no part of a secret. */
async function sentence(operation: Promise<unknown>): Promise<string> {
  const message = await operation.then(
    () => "nothing was refused",
    (error: Error) => error.message,
  );
  expect(message.trim().split("\n")).toHaveLength(1);
  for (const secret of [SECRET, good.slice(20), "OXMAj9oD53", "Adm1n"]) expect(message).not.toContain(secret);
  return message;
}

describe("refused in preview, without a connection", () => {
  const provider = userProviderFor("postgresql://127.0.0.1:1/nowhere");
  const username = "app";
  it.each<[string, Props, RegExp]>([
    ["no password", { username }, /password is missing; give a password/],
    ["both", { username, password: SECRET, verifier: good }, /password and verifier are both given/],
    ["empty password", { username, password: "" }, /password is empty/],
    ["a NUL character", { username, password: `${SECRET}\0` }, /password has a NUL character/],
    ["a verifier as password", { username, password: good }, /password looks like a stored hash/],
    [
      "an md5 hash as password",
      { username, password: `md5${"0".repeat(32)}` },
      /password looks like a stored hash/,
    ],
    [
      "a bcrypt hash as password",
      { username, password: "CRDB-BCRYPT$2a$10$x" },
      /password looks like a stored hash/,
    ],
    [
      "verifier with a trailing newline",
      { username, verifier: `${good}\n` },
      /verifier is refused: .*white space/i,
    ],
    [
      "verifier with a short key",
      { username, verifier: good.replace("r8l4", "") },
      /verifier is refused: .*ServerKey/,
    ],
    [
      "verifier in URL-safe base64",
      { username, verifier: good.replace("/", "_") },
      /verifier is refused: .*URL-safe/,
    ],
    [
      "verifier with 1 iteration",
      { username, verifier: good.replace("4096", "1") },
      /verifier is refused: .* 1 is too low/,
    ],
    [
      "verifier with 99999999999 iterations",
      { username, verifier: good.replace("4096", "99999999999") },
      /verifier is refused: .* 99999999999 is too high/,
    ],
    [
      "iterations too low",
      { username, password: SECRET, iterations: 1 },
      /iterations is refused: .* 1 is too low/,
    ],
    [
      "iterations in text",
      { username, password: SECRET, iterations: "many" },
      /iterations must be a whole number/,
    ],
    ["iterations for a verifier", { username, verifier: good, iterations: 4096 }, /goes with a password/],
    ["a name too long", { username: "x".repeat(64), password: SECRET }, /longer than 63 bytes/],
    ["a reserved name", { username: "pg_app", password: SECRET }, /keeps for itself/],
    ["an empty name", { username: "", password: SECRET }, /must be a name/],
    [
      "an expiry without a zone",
      { username, password: SECRET, validUntil: "2027-01-31" },
      /date and time with a zone/,
    ],
    [
      "a day that is not",
      { username, password: SECRET, validUntil: "2027-13-31T00:00:00Z" },
      /date and time with a zone/,
    ],
    [
      "a 30th of February",
      { username, password: SECRET, validUntil: "2027-02-30T00:00:00Z" },
      /date and time with a zone/,
    ],
    [
      "the year 0",
      { username, password: SECRET, validUntil: "0000-01-01T00:00:00Z" },
      /date and time with a zone/,
    ],
    [
      "a zone that is not",
      { username, password: SECRET, validUntil: "2027-01-01T00:00:00+23:59" },
      /date and time with a zone/,
    ],
    ["login in text", { username, password: SECRET, login: "yes" }, /must be true or false/],
    ["a seed too short", { username, password: SECRET, saltSeed: "c2hvcnQ=" }, /saltSeed must be base64/],
    ["a word we do not know", { username, password: SECRET, pasword: SECRET }, /pasword is not an argument/],
    [
      "a connection of the wrong kind",
      { username, password: SECRET, connection: 5 },
      /connection must be a PostgreSQL URL/,
    ],
    [
      "a connection that is no URL",
      { username, password: SECRET, connection: "host=db password=Adm1n" },
      /connection is refused: .*not a PostgreSQL URL/,
    ],
    [
      "a connection with a part misspelt",
      { username, password: SECRET, connection: { hots: "db" } },
      /connection is refused: .*no part "hots"/,
    ],
    [
      "a connection with a certificate that is not there",
      {
        username,
        password: SECRET,
        connection: "postgresql://u:Adm1n@h/d?sslmode=verify-full&sslrootcert=none.pem",
      },
      /connection is refused: .*none.pem/,
    ],
  ])("%s", async (_label, args, expected) => {
    expect(await sentence(check(provider, {}, args))).toMatch(expected);
  });
});

describe("refused by the server, with nothing changed", () => {
  it("a user that exists already", async () => {
    const username = name();
    await sql(`CREATE ROLE "${username}" PASSWORD 'theirs'`);
    const before = await storedHash(username);

    const refused = deploy(userProviderFor(serverUrl()), { username, password: SECRET });

    expect(await sentence(refused)).toMatch(
      /could not create role "user .*": it exists already .*\[42710\]$/,
    );
    expect(await storedHash(username)).toBe(before);
  });

  it("an unreachable server", async () => {
    const refused = deploy(userProviderFor("postgresql://admin:Adm1n@127.0.0.1:1/db"), {
      username: "a",
      password: SECRET,
    });

    expect(await sentence(refused)).toMatch(
      /^cannot reach the database at 127.0.0.1:1: nothing listens there; check host and port .*\[ECONNREFUSED\]$/,
    );
  });

  it("a host that does not exist", async () => {
    const refused = deploy(userProviderFor("postgresql://admin:Adm1n@db.invalid/db"), {
      username: "a",
      password: SECRET,
    });

    expect(await sentence(refused)).toMatch(
      /^cannot reach the database at db.invalid:5432: the host name does not resolve/,
    );
  });

  it("something that accepts a connection and closes it", async () => {
    const mute = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
    await new Promise((resolve) => mute.once("listening", resolve));
    const { port } = mute.address() as { port: number };

    const refused = deploy(userProviderFor(`postgresql://admin:Adm1n@127.0.0.1:${port}/db`), {
      username: "a",
      password: SECRET,
    });

    expect(await sentence(refused)).toMatch(
      /the connection to 127.0.0.1:\d+ was lost while trying to log in/,
    );
    mute.close();
  });

  it("a URL that is none", async () => {
    for (const url of ["localhost:5432", "mysql://root:Adm1n@h/db", "postgresql://u:Adm1n#@h:x/db"]) {
      expect(await sentence(deploy(userProviderFor(url), { username: "a", password: SECRET }))).toMatch(
        /is not a PostgreSQL URL/,
      );
    }
  });

  it("a wrong administrator password", async () => {
    const refused = deploy(userProviderFor(serverUrl("postgres", "Adm1n")), {
      username: "a",
      password: SECRET,
    });

    expect(await sentence(refused)).toMatch(
      /refused the password of the administrator "postgres"; correct .*\[28P01\]$/,
    );
  });

  it("no database at all", async () => {
    const provider = userProviderFor("");

    expect(await sentence(deploy(provider, { username: "a", password: SECRET }))).toMatch(
      /^no database to connect to; run `pulumi config set/,
    );
  });

  it("an administrator without CREATEROLE", async () => {
    const admin = name();
    await sql(`CREATE ROLE "${admin}" LOGIN PASSWORD 'Adm1n'`);
    const username = name();

    const refused = deploy(userProviderFor(serverUrl(admin, "Adm1n")), { username, password: SECRET });

    expect(await sentence(refused)).toMatch(/could not create role .* needs CREATEROLE.*\[42501\]$/);
    expect(await storedHash(username)).toBeUndefined();
  });

  it("a user that owns objects is not dropped, and the error names them", async () => {
    const username = name();
    const provider = userProviderFor(serverUrl());
    const state = await deploy(provider, { username, password: SECRET });
    const table = `table_${username.slice(5)}`;
    await sql(`CREATE TABLE "${table}" ()`);
    await sql(`ALTER TABLE "${table}" OWNER TO "${username}"`);

    expect(await sentence(provider.delete(username, state))).toMatch(
      new RegExp(
        `could not drop role .*other things depend on it \\(owner of table public.${table}\\).*\\[2BP01\\]$`,
      ),
    );
    expect(await storedHash(username)).toBe(state.verifier);
    await sql(`DROP TABLE "${table}"`);
  });

  it("a failing statement leaves no password in the server's log, nor a superuser's a verifier", async () => {
    const username = name();
    await sql(`CREATE ROLE "${username}"`);
    const admin = await createAdmin("SUPERUSER");
    const logged = watchServerLog(admin.user);

    await sentence(deploy(userProviderFor(admin.url), { username, password: SECRET }));
    await sentence(deploy(userProviderFor(admin.url), { username, verifier: good }));

    expect(await logged()).toContain("already exists");
    expect(await logged()).not.toContain(SECRET);
    expect(await logged()).not.toContain("SCRAM-SHA-256$");
  });
});
