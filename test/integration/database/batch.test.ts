import { randomUUID } from "node:crypto";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import type { Database } from "../../../src/database/contract/database";
import { openDatabase } from "../../../src/database/open";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import {
  type RunningStandIn,
  type StandInOptions,
  startCockroachStandIn,
} from "../../cockroachdb-stand-in/start";

const VERIFIER =
  "SCRAM-SHA-256$4096:pAlYy62NTdETKb291V/Wow==$OXMAj9oD53QucEYVMBcdhRnjg2/S/iZY/88ShZnputA=:r8l4c1pk9bmDi+8an059l/nt9Bg1zb1ikkg+DeRv4UQ=";

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
  return () => postgres.stop();
});

async function standIn(
  options: StandInOptions = {},
): Promise<{ database: Database; server: RunningStandIn }> {
  const server = await startCockroachStandIn(postgres, options);
  onTestFinished(() => server.stop());
  const database = await openDatabase(server.url);
  server.statements.length = 0;
  return { database, server };
}

const create = (database: Database, name: string, grant: string[] = []) =>
  database.createRole(name, {
    options: { login: true },
    verifier: VERIFIER,
    grant: grant.map((role) => ({ role })),
  });

/** What became of each: "done", or why not. */
async function outcomes(work: readonly Promise<unknown>[]): Promise<string[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => (result.status === "fulfilled" ? "done" : (result.reason as Error).message));
}

/** The transactions, each as the kinds of its statements. */
function transactions({ statements }: RunningStandIn): string[] {
  const kinds = statements.map(
    (line) => /: (BEGIN|COMMIT|ROLLBACK|CREATE ROLE "\w+|DROP ROLE IF EXISTS "\w+|GRANT)/.exec(line)?.[1],
  );
  return kinds
    .filter((kind) => kind !== undefined)
    .join(" ")
    .split(/(?<=COMMIT|ROLLBACK) /);
}

it("roles that are made at one time are made in one transaction, and read back in one query", async () => {
  const { database, server } = await standIn();

  expect(await outcomes(["a", "b", "c"].map((name) => create(database, name)))).toEqual([
    "done",
    "done",
    "done",
  ]);

  expect(transactions(server)).toEqual(['BEGIN CREATE ROLE "a CREATE ROLE "b CREATE ROLE "c COMMIT']);
  const questions = server.statements.filter((line) => line.includes("hashedPassword"));
  // Once to see whether hashes may be read, once to compare.
  expect(questions).toHaveLength(2);
});

it("one transaction after the other, each with what has arrived meanwhile", async () => {
  const { database, server } = await standIn({ roleStatementDelayMs: 100 });

  const first = create(database, "a");
  while (transactions(server).length === 0 || !transactions(server)[0]?.includes("CREATE"))
    await new Promise((r) => setTimeout(r, 5));
  await Promise.all([first, create(database, "b"), create(database, "c")]);

  expect(transactions(server)).toEqual([
    'BEGIN CREATE ROLE "a COMMIT',
    'BEGIN CREATE ROLE "b CREATE ROLE "c COMMIT',
  ]);
});

it("one that fails is reported alone; those before and after it are written without it", async () => {
  const { database, server } = await standIn();

  const results = await outcomes([
    create(database, "a"),
    create(database, "b", ["no_such_group"]),
    create(database, "c"),
    create(database, "node"),
    create(database, "d"),
  ]);

  expect(results).toEqual([
    "done",
    expect.stringMatching(/^could not create role "b" on .*no_such_group.*does not exist/),
    "done",
    expect.stringMatching(
      /^could not create role "node": role name "node" is reserved; choose another username/,
    ),
    "done",
  ]);
  // What failed is not tried again; what went with it is, and each failure costs one transaction.
  const made = transactions(server).filter((text) => text.endsWith("COMMIT"));
  expect(transactions(server).filter((text) => text.endsWith("ROLLBACK"))).toHaveLength(2);
  expect(made).toEqual([
    'BEGIN CREATE ROLE "a COMMIT',
    'BEGIN CREATE ROLE "c COMMIT',
    'BEGIN CREATE ROLE "d COMMIT',
  ]);
  for (const name of ["a", "c", "d"]) expect(await database.findRole(name)).toBeDefined();
  expect(await database.findRole("b")).toBeUndefined();
});

/** The COMMIT of a transaction that has made a role. */
function commitOfRoles(): (statement: string) => boolean {
  let made = false;
  return (statement) => {
    made = statement.startsWith("CREATE ROLE") || (made && statement !== "BEGIN");
    return made && statement === "COMMIT";
  };
}

it.each<[string, (statement: string) => boolean]>([
  ["a role statement", (statement) => statement.startsWith('CREATE ROLE "b"')],
  ["COMMIT", commitOfRoles()],
])("a serialisation failure at %s has all of it done again", async (_place, isThere) => {
  let failures = 2;
  const { database } = await standIn({
    failWith40001: (statement) => isThere(statement) && failures-- > 0,
  });
  expect(await outcomes(["a", "b"].map((name) => create(database, name)))).toEqual(["done", "done"]);
  expect(failures).toBe(-1);
});

it("a serialisation failure that does not end is said once, with how often it was tried, and nothing is written", async () => {
  const { database } = await standIn({ failWith40001: commitOfRoles() });

  const [a, b] = await outcomes(["a", "b"].map((name) => create(database, name)));

  expect(a).toMatch(
    /^could not create role "a" and change 1 more on .*restart transaction.*\(tried 5 times\) \[40001\]$/,
  );
  expect(b).toBe(a);
  expect(await database.findRole("a")).toBeUndefined();
});

it("a cluster that would take verifiers for passwords gets none of them", async () => {
  const { database, server } = await standIn({ storePreHashed: false });

  const results = await outcomes(["a", "b"].map((name) => create(database, name)));

  for (const result of results) expect(result).toMatch(/does not store verifiers/);
  expect(server.statements.join()).not.toContain("SCRAM-SHA-256$");
});

it("1,000 roles are one transaction", async () => {
  const { database, server } = await standIn({ roleStatementDelayMs: 150 });
  const names = Array.from({ length: 1_000 }, (_, i) => `user_${i}`);

  await Promise.all(names.map((name) => create(database, name)));
  await Promise.all(names.map((name) => database.dropRole(name)));

  expect(transactions(server)).toHaveLength(2);
  expect(await database.findRole(names[0] ?? randomUUID())).toBeUndefined();
}, 60_000);
