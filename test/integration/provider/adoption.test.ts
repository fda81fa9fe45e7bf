import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Props, type Provider, UNKNOWN } from "../../../src/provider/protocol/wire";
import { userSetProvider } from "../../../src/provider/user-set/user-set";
import { startPostgres } from "../../../tools/postgres/server.mts";
import { check, configured, deploy, inputsOf, unwrap, userProviderFor } from "../../support/engine-side";
import { login, serverUrl, sql } from "../../support/server";
import { query } from "../../support/targets";

const name = (stem = "app") => `${stem}_${randomUUID().slice(0, 8)}`;

/** What the provider prints under the stack's diagnostics. */
const said = vi.spyOn(console, "error").mockImplementation(() => {});
const lines = () => said.mock.calls.flat().join("\n");
beforeEach(() => said.mockClear());
afterEach(() => said.mockClear());

/** As the engine does it: `check`, then `diff` with all that is recorded. Nothing is applied. */
async function preview(provider: Provider, state: Props, args: Props): Promise<Props> {
  const inputs = await check(provider, inputsOf(state), args);
  expect(await provider.diff("id", state, inputs)).toEqual({});
  return inputs;
}

/** A user by itself, and as one of a set: the rules are the same. */
const KINDS = [
  {
    kind: "ScramUser",
    nowhere: "postgresql://localhost:1/postgres",
    providerFor: userProviderFor,
    argsOf: (username: string, { connection, ...entry }: Props): Props => ({
      username,
      ...entry,
      ...(connection !== undefined && { connection }),
    }),
  },
  {
    kind: "ScramUserSet",
    // The line about a server is said once.
    nowhere: "postgresql://localhost:2/postgres",
    providerFor: (url: string) => configured(userSetProvider(), url),
    argsOf: (username: string, { connection, ...entry }: Props): Props => ({
      users: { [username]: entry },
      ...(connection !== undefined && { connection }),
    }),
  },
];

describe.each(KINDS)(
  "the preview of a $kind tells what will be taken over",
  ({ providerFor, argsOf, nowhere }) => {
    async function anotherServer(): Promise<string> {
      const other = await startPostgres();
      onTestFinished(() => other.stop());
      return other.url;
    }
    const takenOver = (username: string) =>
      new RegExp(
        `user "${username}" is on .* already and is taken over: createDb becomes false, gets the declared password`,
      );

    it("declared together with another connection: the role of that name there", async () => {
      const username = name();
      const provider = providerFor(serverUrl());
      const state = await deploy(provider, argsOf(username, { password: "pw" }));
      const connection = await anotherServer();
      await query(connection, `CREATE ROLE ${username} CREATEDB LOGIN PASSWORD 'theirs'`);

      const args = argsOf(username, { password: "pw", adopt: true, connection });
      const inputs = await preview(provider, state, args);

      expect(lines()).toMatch(takenOver(username));
      expect(lines()).toContain(
        `is not the server that user "${username}" was created on; the role there stays`,
      );
      said.mockClear();
      await provider.update("id", state, inputs);
      expect(
        await query(connection, "SELECT rolcreatedb AS db FROM pg_roles WHERE rolname = $1", [username]),
      ).toEqual([{ db: false }]);
      expect(lines(), "the up has said it once").toBe("");
      expect(await login(username, "pw")).toBe(username);
    });

    it("made again by a stranger, with `adopt` declared all along", async () => {
      const username = name();
      const provider = providerFor(serverUrl());
      const args = argsOf(username, { password: "pw", adopt: true });
      const state = await deploy(provider, args);
      await sql(`DROP ROLE ${username}`);
      await sql(`CREATE ROLE ${username} CREATEDB LOGIN PASSWORD 'theirs'`);
      said.mockClear();

      await preview(provider, state, args);
      expect(lines(), "nothing is to be updated").toBe("");
      await preview(provider, state, argsOf(username, { password: "another", adopt: true }));

      expect(lines()).toMatch(takenOver(username));
      expect(lines()).toMatch(
        new RegExp(`user "${username}" on .* is gone; the role of that name .* another one`),
      );
    });

    it("as long as it is the recorded one, nothing", async () => {
      const username = name();
      const provider = providerFor(serverUrl());
      const state = await deploy(provider, argsOf(username, { password: "pw" }));
      said.mockClear();

      await preview(provider, state, argsOf(username, { password: "another", adopt: true }));

      expect(lines()).toBe("");
    });

    it("without `adopt`, no server is asked", async () => {
      const username = name();
      const provider = providerFor(serverUrl());
      const state = await deploy(provider, argsOf(username, { password: "pw" }));

      await preview(provider, state, argsOf(username, { password: "another", connection: nowhere }));
      expect(lines()).toBe("");
      await preview(
        provider,
        state,
        argsOf(username, { password: "another", connection: nowhere, adopt: true }),
      );
      expect(lines()).toMatch(/could not be compared with the server: cannot reach the database/);
    });

    it("with a password that is not known yet, as a RandomPassword's on the first `up`", async () => {
      const username = name();
      await sql(`CREATE ROLE ${username} CREATEDB LOGIN PASSWORD 'theirs'`);

      await check(providerFor(serverUrl()), {}, argsOf(username, { password: UNKNOWN, adopt: true }));

      expect(lines()).toMatch(takenOver(username));
      expect(lines()).not.toContain(UNKNOWN);
    });

    it("with a password that is not known yet, on another server", async () => {
      const username = name();
      const provider = providerFor(serverUrl());
      const state = await deploy(provider, argsOf(username, { password: "pw" }));
      const connection = await anotherServer();
      await query(connection, `CREATE ROLE ${username} CREATEDB LOGIN PASSWORD 'theirs'`);

      await preview(provider, state, argsOf(username, { password: UNKNOWN, adopt: true, connection }));

      expect(lines()).toMatch(takenOver(username));
    });

    it("what else is not known yet, it names; it claims nothing of it", async () => {
      const username = name();
      await sql(
        `CREATE ROLE ${username} CREATEDB CREATEROLE LOGIN PASSWORD 'theirs' VALID UNTIL '2042-01-01Z'`,
      );
      await sql(`ALTER ROLE ${username} SET work_mem = '5MB'`);

      const later = {
        createDb: UNKNOWN,
        validUntil: UNKNOWN,
        login: UNKNOWN,
        memberOf: [UNKNOWN],
        settings: { work_mem: UNKNOWN },
      };
      await check(providerFor(serverUrl()), {}, argsOf(username, { password: "pw", adopt: true, ...later }));

      expect(lines()).toMatch(
        /is taken over: createRole becomes false, what becomes of .* is known only in the `up`[;,]/,
      );
      for (const what of [...Object.keys(later), "its password"])
        expect(lines()).toMatch(new RegExp(`what becomes of .*\\b${what}\\b.* is known only`));
      expect(lines()).not.toMatch(new RegExp(`${UNKNOWN}|createDb becomes|validUntil becomes|work_mem`));
    });

    it("a connection that is not known yet: nobody is asked", async () => {
      const args = argsOf(name(), { password: "pw", adopt: true, connection: UNKNOWN });
      await check(providerFor("postgresql://localhost:1/postgres"), {}, args);
      expect(lines()).toBe("");
    });
  },
);

it("a username that is not known yet: nobody is asked", async () => {
  const args = { username: UNKNOWN, password: "pw", adopt: true };
  await check(userProviderFor("postgresql://localhost:1/postgres"), {}, args);
  expect(lines()).toBe("");
});

describe("with another name and another server in one `up`", () => {
  it("the role of the declared name is adopted, and not a stranger with the name of before", async () => {
    const other = await startPostgres();
    onTestFinished(() => other.stop());
    const [before, now] = [name("before"), name("now")];
    const provider = userProviderFor(serverUrl());
    const state = await deploy(provider, { username: before, password: "pw" });
    for (const role of [before, now])
      await query(other.url, `CREATE ROLE ${role} CREATEDB LOGIN PASSWORD 'theirs'`);

    const args = { username: now, password: "pw", adopt: true, connection: other.url };
    const inputs = await preview(provider, state, args);
    expect(lines()).toMatch(new RegExp(`user "${now}" is on .* already and is taken over`));
    const { outs } = await provider.update(before, state, inputs);

    expect(
      await query(
        other.url,
        "SELECT rolname::text AS role, rolcreatedb AS db FROM pg_roles WHERE rolname = ANY($1) ORDER BY 1",
        [[before, now]],
      ),
    ).toEqual([
      { role: before, db: true },
      { role: now, db: false },
    ]);
    expect(unwrap(outs).username).toBe(now);
  });
});
