import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../../src/provider/wire";
import { startPostgres } from "../../../tools/postgres/server.mts";
import { startCockroachStandIn } from "../../support/cockroachdb-stand-in/start";
import { type CutReport, cutEverywhere } from "../../support/cut-everywhere";
import { check, deploy, inputsOf, userProviderFor } from "../../support/engine-side";
import { createAdmin, serverUrl } from "../../support/server";
import { query, type Target, target } from "../../support/targets";

interface Place {
  readonly server: Target;
  /** The administrator's, for the provider. */
  readonly url: string;
  stop?(): Promise<void>;
}

/** By what the administrator may read, which decides the statements. */
const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  "PostgreSQL, as a superuser": async () => postgresql(serverUrl()),
  "PostgreSQL, with CREATEROLE": async () => postgresql((await createAdmin("CREATEROLE")).url),
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

type State = Record<string, Json>;

/** A user as recorded, and as declared anew. */
interface Rotation {
  readonly username: string;
  readonly state: State;
}

const name = () => `user_${randomUUID().slice(0, 8)}`;

async function deployed(admin: string): Promise<Rotation> {
  const username = name();
  return { username, state: await deploy(userProviderFor(admin), { username, password: "first" }) };
}

/** `check` and `update` as in an `up`: after a failure the engine still has the old record, and does the same again. */
async function rotate({ username, state }: Rotation, url: string): Promise<void> {
  const provider = userProviderFor(url);
  const rotated = await check(provider, inputsOf(state), { username, password: "second", login: true });
  await provider.update(username, state, rotated);
}

function print(operation: string, { statements, cuts, survived }: CutReport): void {
  console.log(
    `${operation}: ${statements.length} statements, ${cuts} cuts, ${survived} survived without a second run`,
  );
}

// Not `create`: one that was committed and never answered finds its own role there, and takes it for somebody else's.
describe.each(Object.entries(PLACES))(
  "on %s, wherever the connection is cut, the engine's next run brings about what is declared",
  (_name, start) => {
    let place: Place;
    beforeAll(async () => {
      place = await start();
      return place.stop;
    });

    it("of an update", async () => {
      const { server, url } = place;
      const report = await cutEverywhere(url, {
        prepare: () => deployed(url),
        operate: rotate,
        async verify({ username }) {
          expect(await server.login(username, "second")).toBe(username);
          await expect(server.login(username, "first")).rejects.toThrow("password authentication failed");
        },
      });
      print("update", report);
      expect(report.statements.join("\n")).toMatch(/PASSWORD '/);
      // A single lost connection is got over there and then, save when nobody knows whether COMMIT was carried out.
      expect(report.survived).toBeGreaterThanOrEqual(report.cuts / 2 - 2);
    });

    it("of a delete", async () => {
      const { server, url } = place;
      const report = await cutEverywhere(url, {
        prepare: () => deployed(url),
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
