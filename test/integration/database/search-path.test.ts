import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../../src/database/contract/database";
import type { RoleIdentity } from "../../../src/database/contract/role";
import { openDatabase } from "../../../src/database/open";
import { UserError } from "../../../src/errors";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { cli } from "../../support/cli";
import { type Shadows, shadow, sprung } from "../../support/shadows";
import { namesIn } from "../../support/sql/names";
import { sqlOfSource } from "../../support/sql/of-source";
import { query } from "../../support/targets";
import { type Wire, wireTo } from "../../support/wire";

/**
 * A server of which every database is hostile: whatever our SQL names, there is another of that name, which springs a trap
 * when it is looked at.
 */

const VERIFIER =
  "SCRAM-SHA-256$4096:pAlYy62NTdETKb291V/Wow==$OXMAj9oD53QucEYVMBcdhRnjg2/S/iZY/88ShZnputA=:r8l4c1pk9bmDi+8an059l/nt9Bg1zb1ikkg+DeRv4UQ=";

/** The administrator's database, and another in which a leaver owns something. */
const DATABASES = ["home", "other"];

let server: PostgresServer;
let shadows: Shadows;

beforeAll(async () => {
  server = await startPostgres({ log_statement: "none" });
  await sql("CREATE ROLE mallory LOGIN PASSWORD 'pw'");
  await sql("CREATE ROLE admin LOGIN CREATEROLE CREATEDB PASSWORD 'pw'");
  await sql("CREATE DATABASE home OWNER mallory");
  const names = sqlOfSource()
    .filter(({ file }) => !file.startsWith("cockroachdb/"))
    // A DO block names as much inside of its quotes.
    .flatMap(({ text }) => namesIn(text.replaceAll(/\$[a-z]+\$/g, " ")));
  shadows = await shadow(urlOf("home").replace("postgres:postgres", "mallory:pw"), names);
  await sql("CREATE DATABASE other OWNER mallory TEMPLATE home");
  console.log(
    "shadows of",
    counts(shadows.names, (names) => names.size),
    "in objects:",
    shadows.objects,
  );
  return () => server.stop();
}, 300_000);

/** In a database that is not hostile. */
const sql = (text: string) => query(server.url, text);

function urlOf(database: string): string {
  return Object.assign(new URL(server.url), { pathname: `/${database}` }).href;
}

function counts<T>(of: Readonly<Record<string, T>>, count: (value: T) => number): Record<string, number> {
  return Object.fromEntries(Object.entries(of).map(([kind, value]) => [kind, count(value)]));
}

async function sprungAnywhere(): Promise<number> {
  const each = await Promise.all(DATABASES.map((database) => sprung(urlOf(database))));
  return each.reduce((a, b) => a + b);
}

/** For the message, as far as the server has logged it. */
function whatSprung(since: number): string {
  const lines = readFileSync(server.logFile)
    .toString("utf8", since)
    .matchAll(/sprung by .*/g);
  return [...new Set([...lines].map(([line]) => line))].join("\n");
}

interface Administrator {
  readonly name: string;
  readonly login: string;
  /** What is not for it: methods of Database, and commands. */
  readonly refused: readonly string[];
}

const ADMINISTRATORS: readonly Administrator[] = [
  { name: "postgres", login: "postgres:postgres", refused: [] },
  {
    name: "admin",
    login: "admin:pw",
    refused: [
      ...["hba.read", "hba.write", "hba.restore", "hba.settle", "settings.read", "settings.write"],
      ...["userlist", "hba format", "hba lint", "hba explain", "hba diff", "hba restore"],
    ],
  },
];

const inEach = async (statement: (database: string) => string) => {
  for (const database of DATABASES) await query(urlOf(database), statement(database));
};
const forEach = async (statement: (role: string) => string) => {
  for (const { name } of ADMINISTRATORS) await sql(statement(name));
};

/** Where the shadows stand; one after the other, the last as a database is by default, or was before PostgreSQL 15. */
const PLACES: Readonly<Record<string, () => Promise<void>>> = {
  "first, by ALTER DATABASE … SET search_path": () =>
    inEach((database) => `ALTER DATABASE ${database} SET search_path = shadows, pg_catalog`),
  "first, by ALTER ROLE … SET search_path": async () => {
    await inEach((database) => `ALTER DATABASE ${database} RESET ALL`);
    await forEach((role) => `ALTER ROLE ${role} SET search_path = shadows, pg_catalog`);
  },
  "in the schema public": async () => {
    await forEach((role) => `ALTER ROLE ${role} RESET ALL`);
    await inEach(() => "DROP SCHEMA public");
    await inEach(() => "ALTER SCHEMA shadows RENAME TO public");
  },
};

describe("the trap", () => {
  beforeAll(() => Object.values(PLACES)[0]?.());

  it("is sprung by each of our queries, when it names no schema and is not in our transactions", async () => {
    const [superuser] = ADMINISTRATORS as [Administrator];
    const wire = await wireTo(server.url);
    await everyOperation(superuser, wire);
    const safe: string[] = [];
    for (const text of new Set(queriesOf(wire))) {
      const before = await sprungAnywhere();
      const bare = text
        .replaceAll("pg_catalog.", "")
        .replaceAll(/\$\d::text\[\]/g, "'{postgres}'::text[]")
        .replaceAll(/ANY \(\$\d\)/g, "ANY ('{postgres}')")
        .replaceAll(/\$\d/g, "'1'");
      await query(urlOf("home"), bare).catch(() => {});
      if ((await sprungAnywhere()) === before) safe.push(bare);
    }
    expect(safe).toEqual([]);
  });
});

describe.each(Object.entries(PLACES))("with shadows %s", (_where, prepare) => {
  beforeAll(prepare);

  it.each(ADMINISTRATORS)("nothing that $name does springs the trap", async (administrator) => {
    const before = await sprungAnywhere();
    const logged = readFileSync(server.logFile).length;
    const wire = await wireTo(server.url);

    const operations = await everyOperation(administrator, wire);
    const commands = await everyCommand(administrator, wire);

    expect(await sprungAnywhere(), whatSprung(logged)).toBe(before);
    // It did what there is to do.
    for (const [name, outcome] of Object.entries({ ...operations, ...commands }))
      expect([name, outcome]).toEqual([name, administrator.refused.includes(name) ? "refused" : "done"]);
    // There was a trap for every name that the server was sent.
    for (const { kind, name } of queriesOf(wire).flatMap(namesIn))
      expect(shadows.names[kind]).toContain(name);
    console.log(
      `${administrator.name}: ${Object.keys(operations).length} operations, ${Object.keys(commands).length} commands, ${wire.statements.length} statements`,
    );
  });
});

type Outcomes = Readonly<Record<string, string>>;

let runs = 0;

function urlBy({ login }: Administrator, wire: Wire): string {
  return wire.url.replace("postgres:postgres", login).replace(/postgres$/, "home");
}

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "done";
  } catch (error) {
    return error instanceof UserError && error.code === "42501" ? "refused" : String(error);
  }
}

/** Each method of Database that talks to the server. */
async function everyOperation(administrator: Administrator, wire: Wire): Promise<Outcomes> {
  const database = await openDatabase(urlBy(administrator, wire));
  const outcomes: Record<string, string> = {};
  const does = async (name: string, work: () => Promise<unknown>) => {
    outcomes[name] = await outcomeOf(work());
  };
  const name = (stem: string) => `${stem}_${runs}`;
  runs++;
  for (const group of ["crew", "squad"]) {
    await sql(`CREATE ROLE ${name(group)}`);
    await sql(`GRANT ${name(group)} TO ${administrator.name} WITH ADMIN OPTION`);
  }
  const options = { login: true, validUntil: "2040-01-01T00:00:00Z" };
  let identity: RoleIdentity = { product: "postgresql", cluster: null, oid: null };
  await does("cluster", () => database.cluster());
  await does("createRole", async () => {
    const set = { statement_timeout: "5s" };
    identity = await database.createRole(name("app"), {
      options,
      grant: [{ role: name("crew") }],
      set,
      verifier: VERIFIER,
    });
  });
  await does("findRole", async () => {
    const role = await database.findRole(name("app"));
    expect(role).toMatchObject({
      memberships: [{ role: name("crew"), ofCreator: false }],
      settings: { statement_timeout: "5s" },
    });
  });
  await does("nameOf", async () => expect(await database.nameOf(identity)).toBe(name("app")));
  await does("challenge", () => database.challenge(name("app")));
  await does("administratorsOf", () => database.administratorsOf(name("app")));
  await does("alterRole", () =>
    database.alterRole(name("app"), {
      rename: name("renamed"),
      options: { createDb: true },
      grant: [{ role: name("squad") }],
      revoke: [name("crew")],
      set: { statement_timeout: null, lock_timeout: "3s" },
      verifier: VERIFIER,
    }),
  );
  await does("dropRole", async () => {
    await database.dropRole(name("renamed"));
    for (const role of ["leaver", "new_owner"])
      await database.createRole(name(role), { options, verifier: VERIFIER });
    await inEach(() => `CREATE TABLE trap.${name("owned")} ()`);
    await inEach(() => `ALTER TABLE trap.${name("owned")} OWNER TO ${name("leaver")}`);
    await database.dropRole(name("leaver"), name("new_owner"));
    expect(await sql(`SELECT FROM pg_roles WHERE rolname = '${name("leaver")}'`)).toEqual([]);
  });
  let snapshot: string | null = "";
  await does("hba.read", async () => {
    snapshot = (await database.hba.read()).snapshot;
  });
  const write = { mayLoseOwnLogin: false, isSecret: false };
  await does("hba.write", () =>
    database.hba.write("host all all all scram-sha-256\n", { over: snapshot, ...write }),
  );
  await does("hba.restore", async () => database.hba.restore(snapshot, (await database.hba.read()).snapshot));
  await does("hba.settle", () => database.hba.settle());
  await does("hba.facts", () => database.hba.facts());
  await does("settings.read", () => database.settings.read(["password_encryption"]));
  await does("settings.write", async () => {
    await database.settings.write("password_encryption", "scram-sha-256");
    await database.settings.write("password_encryption", undefined);
  });
  expect(Object.keys(outcomes).sort()).toEqual(methodsOf(database).sort());
  return outcomes;
}

/** Without what needs no server. */
function methodsOf(database: Database): string[] {
  return Object.entries(database).flatMap(([name, value]) => {
    if (name === "roleId") return [];
    if (typeof value === "function") return [name];
    return typeof value === "object" ? Object.keys(value).map((method) => `${name}.${method}`) : [];
  });
}

/** For the command that compares rules. */
const NEW_RULES = "host all all all scram-sha-256\n";

/** Each command that takes a server's URL, with what else it needs. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  probe: [],
  users: ["--fail-on", "never"],
  userlist: [],
  "hba format": [],
  "hba restore": [],
  "hba lint": ["--fail-on", "never"],
  "hba explain": ["--user", "postgres", "--address", "127.0.0.1"],
  "hba diff": ["--fail-on", "never", "-"],
};

async function everyCommand(administrator: Administrator, wire: Wire): Promise<Outcomes> {
  expect(Object.keys(COMMANDS).sort()).toEqual((await commandsWithUrl()).sort());
  const url = urlBy(administrator, wire);
  const outcomes: Record<string, string> = {};
  for (const [command, more] of Object.entries(COMMANDS)) {
    const named = command === "probe" ? [url] : ["--url", url];
    const { status, err } = await cli([...command.split(" "), ...more, ...named], { input: NEW_RULES });
    const failure = /\[42501\]|may not read/.test(err) ? "refused" : err;
    outcomes[command] = status === 0 ? "done" : failure;
  }
  return outcomes;
}

/** By their help. */
async function commandsWithUrl(path: readonly string[] = []): Promise<string[]> {
  const { out } = await cli([...path, "--help"]);
  const [listed = ""] = out.split(/^Commands:\n/m)[1]?.split("\n\n") ?? [];
  const names = [...listed.matchAll(/^ {2}(\w+)/gm)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "help");
  const below = await Promise.all(names.map((name) => commandsWithUrl([...path, name])));
  const takesUrl = /--url|<url>/.test(out) && names.length === 0;
  return [...(takesUrl ? [path.join(" ")] : []), ...below.flat()];
}

function queriesOf(wire: Wire): string[] {
  return wire.statements.filter((text) => /^(SELECT|WITH) /.test(text));
}
