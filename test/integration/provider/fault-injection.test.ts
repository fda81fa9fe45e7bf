import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { Props } from "../../../src/provider/protocol/wire";
import { startPostgres } from "../../../tools/postgres/server.mts";
import { startCockroachStandIn } from "../../cockroachdb-stand-in/start";
import { type CutReport, cutEverywhere } from "../../support/cut-everywhere";
import { check, deploy, inputsOf, unwrap, userProviderFor } from "../../support/engine-side";
import { createAdmin, serverUrl, sql } from "../../support/server";
import { query, type Target, target } from "../../support/targets";

interface Place {
  readonly server: Target;
  /** The administrator's, for the provider. */
  readonly url: string;
  /** The administrator's, who has to be given what a superuser has. */
  readonly user?: string;
  stop?(): Promise<void>;
}

/** By what the administrator may read, which decides the statements. */
const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  "PostgreSQL, as a superuser": async () => postgresql(serverUrl()),
  "PostgreSQL, with CREATEROLE": async () => {
    const admin = await createAdmin("CREATEROLE");
    // Nobody may give away what he has not.
    await sql(`ALTER ROLE ${admin.user} CREATEDB`);
    return { ...postgresql(admin.url), user: admin.user };
  },
  "the stand-in for CockroachDB": async () => {
    const postgres = await startPostgres();
    const standIn = await startCockroachStandIn(postgres);
    const { url } = standIn;
    return {
      server: target("cockroachdb", () => url),
      url,
      stop: async () => {
        await standIn.stop();
        await postgres.stop();
      },
    };
  },
};

function postgresql(url: string): Place {
  return { server: target("postgresql", () => serverUrl()), url };
}

/** What is declared in the end: something of everything a role can have. */
interface Declared {
  readonly username: string;
  readonly args: Props;
}

const name = (stem = "user") => `${stem}_${randomUUID().slice(0, 8)}`;

const GROUPS = [name("group"), name("group")].sort() as [string, string];

function declared(password: string, more: Props = {}): Declared {
  const username = name();
  return {
    username,
    args: {
      username,
      password,
      createDb: true,
      validUntil: "2040-01-01T00:00:00Z",
      memberOf: [GROUPS[0]],
      settings: { statement_timeout: "5s" },
      owner: "org/project/stack/User::app",
      ...more,
    },
  };
}

interface Change extends Declared {
  readonly state: Props;
}

/** A user as recorded, and as it is declared anew: all of it another. */
async function changed(admin: string): Promise<Change> {
  const before = declared("first");
  const state = await deploy(userProviderFor(admin), before.args);
  const args = {
    ...before.args,
    password: "second",
    createDb: false,
    memberOf: [GROUPS[1]],
    settings: { lock_timeout: "3s" },
  };
  return { ...before, args, state };
}

/** `check` and `update` as in an `up`: after a failure the engine still has the old record, and does the same again. */
async function update({ username, args, state }: Change, url: string): Promise<void> {
  const provider = userProviderFor(url);
  await provider.update(username, state, await check(provider, inputsOf(state), args));
}

/** The server has it all, as a refresh with nothing to say shows, and the password logs in. */
async function holds({ server }: Place, { username, args }: Declared): Promise<void> {
  const provider = userProviderFor(server.url);
  const recorded = { ...(await check(provider, {}, args)), driftCheck: "off" };
  const { inputs } = await provider.read(username, recorded);
  expect(unwrap(inputs)).toEqual(recorded);
  expect(await server.login(username, String(args.password))).toBe(username);
}

function print(operation: string, { statements, cuts, survived }: CutReport): void {
  console.log(
    `${operation}: ${statements.length} statements, ${cuts} cuts, ${survived} survived without a second run`,
  );
}

describe.each(Object.entries(PLACES))(
  "on %s, wherever the connection is cut, the engine's next run brings about what is declared",
  // An operation, four times for each of its statements.
  { timeout: 300_000 },
  (_name, start) => {
    let place: Place;
    beforeAll(async () => {
      place = await start();
      for (const group of GROUPS) {
        await place.server.sql(`CREATE ROLE ${group}`);
        if (place.user !== undefined)
          await place.server.sql(`GRANT ${group} TO ${place.user} WITH ADMIN OPTION`);
      }
      return async () => {
        for (const group of GROUPS) await place.server.sql(`DROP ROLE ${group}`);
        await place.stop?.();
      };
    });

    it("of a create, with a saltSeed of one's own: by itself", async () => {
      const report = await cutEverywhere(place.url, {
        prepare: async () => declared("first", { saltSeed: randomBytes(32).toString("base64") }),
        // After a failure nothing is recorded: the next run begins with nothing, and makes the same salt of the seed.
        operate: ({ args }, url) => deploy(userProviderFor(url), args),
        verify: (user) => holds(place, user),
      });
      print("create with a saltSeed", report);
      expect(report.statements.join("\n")).toMatch(/CREATE ROLE.*GRANT.*SET "statement_timeout"/s);
      expect(report.survived).toBeGreaterThanOrEqual(report.cuts / 2);
    });

    it("of a create, without one: by itself, or after one error by taking over what is there", async () => {
      let takenOver = 0;
      const report = await cutEverywhere(place.url, {
        prepare: async () => declared("first"),
        operate: ({ args }, url) => deploy(userProviderFor(url), args),
        // With another salt: what the first run may have made is not known again.
        async rerun({ args }, url) {
          const error = await deploy(userProviderFor(url), args).catch((thrown: Error) => thrown);
          if (!(error instanceof Error)) return;
          expect(error.message).toMatch(/it exists already on .*declare `adopt: true`.*\[42710\]$/);
          await deploy(userProviderFor(url), { ...args, adopt: true });
          takenOver++;
        },
        verify: (user) => holds(place, user),
      });
      print(`create, ${takenOver} taken over,`, report);
      expect(takenOver).toBeGreaterThan(0);
      expect(report.survived).toBeGreaterThanOrEqual(report.cuts / 2);
    });

    it("of an update", async () => {
      const report = await cutEverywhere(place.url, {
        prepare: () => changed(place.url),
        operate: update,
        async verify(user) {
          await holds(place, user);
          await expect(place.server.login(user.username, "first")).rejects.toThrow(
            "password authentication failed",
          );
        },
      });
      print("update", report);
      expect(report.statements.join("\n")).toMatch(/GRANT/);
      // A single lost connection is got over there and then.
      expect(report.survived).toBeGreaterThanOrEqual(report.cuts / 2);
    });

    it("of a rename with another password", async (context) => {
      context.skip(place.server.product === "cockroachdb", "another name is another role");
      const report = await cutEverywhere<Change & { readonly before: Declared }>(place.url, {
        prepare: async () => {
          const before = declared("first");
          const state = await deploy(userProviderFor(place.url), before.args);
          const username = name("renamed");
          return { username, before, state, args: { ...before.args, username, password: "second" } };
        },
        operate: update,
        async verify(user) {
          await holds(place, user);
          expect(await place.server.storedHash(user.before.username)).toBeUndefined();
        },
      });
      print("rename", report);
      expect(report.statements.join("\n")).toMatch(/RENAME TO.*PASSWORD/s);
      expect(report.survived).toBeGreaterThanOrEqual(report.cuts / 2);
    });

    it("of a delete that gives away what the role owns", async () => {
      const { server, url } = place;
      const newOwner = name("new_owner");
      await deploy(userProviderFor(url), { username: newOwner, password: "pw", iterations: 4096 });
      const report = await cutEverywhere(url, {
        prepare: async () => {
          const { username, args } = declared("first");
          const state = await deploy(userProviderFor(url), { ...args, reassignOwnedTo: newOwner });
          const table = name("table");
          await server.sql(`CREATE TABLE ${table} (id int)`);
          await server.sql(`ALTER TABLE ${table} OWNER TO ${username}`);
          return { username, state, table };
        },
        operate: ({ username, state }, wire) => userProviderFor(wire).delete(username, state),
        async verify({ username, table }) {
          expect(await server.storedHash(username)).toBeUndefined();
          const owners = "SELECT tableowner::text AS owner FROM pg_catalog.pg_tables WHERE tablename = $1";
          expect(await server.sql(owners, [table])).toEqual([{ owner: newOwner }]);
          await server.sql(`DROP TABLE ${table}`);
        },
      });
      print("delete that gives away", report);
      expect(report.statements.join("\n")).toMatch(/REASSIGN OWNED.*DROP OWNED.*DROP ROLE/s);
      await server.sql(`DROP ROLE ${newOwner}`);
    });

    it("of a delete", async () => {
      const { server, url } = place;
      const report = await cutEverywhere(url, {
        prepare: () => changed(url),
        operate: ({ username, state }, wire) => userProviderFor(wire).delete(username, state),
        async verify({ username }) {
          expect(await server.storedHash(username)).toBeUndefined();
        },
      });
      print("delete", report);
      expect(report.statements.join("\n")).toMatch(/DROP ROLE/);
      expect(report.survived).toBeGreaterThanOrEqual(report.cuts / 2);
    });
  },
);

it("an operation that cannot be done twice is found, with the cuts that show it", async () => {
  const naive = cutEverywhere(serverUrl(), {
    prepare: async () => name(),
    operate: (username, url) => query(url, `CREATE ROLE ${username}`),
    verify: async () => {},
  });

  const { message } = await naive.then(
    () => expect.fail("nothing was found"),
    (error: Error) => error,
  );
  expect(message).toMatch(/cut once after statement 1, CREATE ROLE \S+: role .* already exists/);
  expect(message).toMatch(/cut for good after statement 1, CREATE ROLE \S+: role .* already exists/);
  expect(message).not.toContain("before");
});
