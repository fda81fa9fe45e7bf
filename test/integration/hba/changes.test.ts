import { dirname, join } from "node:path";
import fc from "fast-check";
import pg from "pg";
import { beforeAll, expect, it } from "vitest";
import type { Change } from "../../../src/audit/logins/difference";
import { type Effect, effectsOf } from "../../../src/audit/logins/effects";
import { loginsUnder } from "../../../src/audit/logins/logins";
import type { AccessFacts } from "../../../src/database/contract/access";
import { openDatabase } from "../../../src/database/open";
import { reload } from "../../../src/database/postgresql/reload";
import { parseIp } from "../../../src/hba/ip";
import { prepareRules } from "../../../src/hba/match/prepare";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { createAuthority } from "../../support/certificates";
import { type RealLogin, tryLogins } from "../../support/real-logins";

const PAIRS = 72;
/** So many changes follow one another; then comes a text of its own. */
const CHANGES = 6;
const USERS = ["scrammed", "md5ed", "streaming"];

let server: PostgresServer;
let admin: pg.Client;
let facts: AccessFacts;

beforeAll(async () => {
  const { cert, key } = createAuthority().issueServer("localhost");
  server = await startPostgres(
    { ssl: "on", unix_socket_directories: ".", log_statement: "none" },
    { "server.crt": cert, "server.key": key },
  );
  admin = new pg.Client(server.url);
  await admin.connect();
  for (const statement of [
    "CREATE ROLE scrammed LOGIN PASSWORD 'pw'",
    "CREATE ROLE streaming LOGIN REPLICATION PASSWORD 'pw'",
    "SET password_encryption = 'md5'",
    "CREATE ROLE md5ed LOGIN PASSWORD 'pw'",
    "CREATE ROLE staff",
    "GRANT staff TO md5ed",
    "CREATE DATABASE other",
  ])
    await admin.query(statement);
  const database = await openDatabase(server.url);
  const all = await database.hba.facts();
  facts = { ...all, roles: all.roles.filter(({ name }) => USERS.includes(name)) };
  return async () => {
    await admin.end();
    await server.stop();
  };
});

/** By every way that a client on this machine has. */
const LOGINS: readonly RealLogin[] = USERS.flatMap((user) =>
  [
    { database: "postgres", replication: false },
    { database: "other", replication: false },
    ...(user === "streaming" ? [{ database: "", replication: true }] : []),
  ].flatMap((to) => [
    { user, ...to, address: "local", tls: false },
    ...["127.0.0.1", "127.5.0.1", "127.5.9.1"].flatMap((address) =>
      [true, false].map((tls) => ({ user, ...to, address, tls })),
    ),
  ]),
);

interface Rule {
  readonly type: string;
  readonly database: string;
  readonly user: string;
  readonly address: string;
  readonly method: string;
}

const COLUMNS = {
  type: fc.constantFrom("host", "host", "host", "hostssl", "hostnossl", "local"),
  database: fc.constantFrom(
    "all",
    "all",
    "postgres",
    "other",
    "sameuser",
    "replication",
    "all,replication",
    "/^oth",
  ),
  user: fc.constantFrom("all", "all", "scrammed", "md5ed", "streaming", "+staff", "/^s", "md5ed,streaming"),
  address: fc.constantFrom(
    "all",
    "127.0.0.0/8",
    "127.0.0.1/32",
    "127.5.0.0/16",
    "127.5.9.0/24",
    "0.0.0.0/1",
    "::1/128",
  ),
  method: fc.constantFrom("scram-sha-256", "scram-sha-256", "md5", "password", "trust", "reject"),
};
const rule: fc.Arbitrary<Rule> = fc.record(COLUMNS);
const wholeText = fc.array(rule, { minLength: 3, maxLength: 7 });

/** What somebody does to rules in an editor. */
const edit = fc.tuple(
  fc.constantFrom("drop", "insert", "reject", "swap", "type", "database", "user", "address", "method"),
  fc.nat(),
  rule,
);

function edited(text: readonly Rule[], [what, at, other]: readonly [string, number, Rule]): Rule[] {
  const place = at % text.length;
  const [rules, here] = [[...text], text[place] as Rule];
  if (what === "drop") rules.splice(place, rules.length > 1 ? 1 : 0);
  else if (what === "insert") rules.splice(place, 0, other);
  else if (what === "reject") rules.unshift({ ...other, method: "reject" });
  else if (what === "swap") rules.push(...rules.splice(place, 1));
  else rules[place] = { ...here, [what]: other[what as keyof Rule] };
  return rules;
}

/** The rule that lets the test itself in stands first, for a user that no generated rule is asked about. */
const OURS = "host all postgres 127.0.0.1/32 scram-sha-256";

function textOf(rules: readonly Rule[]): string {
  const lines = rules.map(({ type, database, user, address, method }) =>
    [type, database, user, ...(type === "local" ? [] : [address]), method].join(" "),
  );
  return `${[OURS, ...lines].join("\n")}\n`;
}

async function load(text: string): Promise<void> {
  const { rows } = await admin.query("SELECT lo_from_bytea(0, $1) AS oid", [Buffer.from(text)]);
  await admin.query("SELECT lo_export($1, current_setting('hba_file'))", [rows[0].oid]);
  await admin.query("SELECT lo_unlink($1)", [rows[0].oid]);
  const { rows: errors } = await admin.query("SELECT error FROM pg_hba_file_rules WHERE error IS NOT NULL");
  expect([text, errors]).toEqual([text, []]);
  await reload(admin);
}

type Results = ReadonlyMap<RealLogin, boolean>;

/** Whether the login gets in, by its own encryption or by any. */
function entered(results: Results, login: RealLogin, anyhow: boolean): boolean {
  const same = ({ user, database, replication, address, tls }: RealLogin) =>
    user === login.user &&
    database === login.database &&
    replication === login.replication &&
    address === login.address &&
    (anyhow || tls === login.tls);
  return LOGINS.some((each) => same(each) && results.get(each));
}

/** What of a login somebody has to have lost, or gained, by what the server did. */
function seen(has: Results, lacks: Results, login: RealLogin): string | undefined {
  if (entered(has, login, true) && !entered(lacks, login, true)) return "by any encryption";
  if (entered(has, login, false) && !entered(lacks, login, false))
    return login.tls ? "with TLS" : "without TLS";
  return undefined;
}

/** What is claimed of it. @param named databases that are told apart for the user */
function claimed(
  changes: readonly Change[],
  { database, replication, address, tls }: RealLogin,
  named: ReadonlySet<string | undefined>,
): string | undefined {
  const target = named.has(database) ? database : undefined;
  const of = changes.filter(
    (change) =>
      change.replication === replication &&
      (replication || change.databases.includes(target)) &&
      (change.from === "socket"
        ? address === "local"
        : change.from.some((range) => isWithin(address, range))),
  );
  if (of.some(({ only }) => only === undefined)) return "by any encryption";
  return of.find(({ only }) => only === (tls ? "with TLS" : "without TLS"))?.only;
}

function isWithin(
  address: string,
  { family, first, last }: { family: 4 | 6; first: bigint; last: bigint },
): boolean {
  const ip = address === "local" ? undefined : parseIp(address);
  return ip !== undefined && ip.family === family && first <= ip.bits && ip.bits <= last;
}

/** For each user the databases that the model tells apart under these texts. */
function namedDatabases(texts: readonly string[]): ReadonlyMap<string, ReadonlySet<string | undefined>> {
  const loginsOf = loginsUnder(
    texts.map((text) => prepareRules(text, "postgresql", facts.context)),
    facts,
  );
  return new Map(
    facts.roles.map((role) => [
      role.name,
      new Set(
        loginsOf(role)
          .logins()[0]
          ?.map(({ target }) => target.database),
      ),
    ]),
  );
}

const count = { pairs: 0, lost: 0, gained: 0, lockouts: 0 };

function compare(texts: readonly [string, string], results: readonly [Results, Results]): string[] {
  const [before, after] = results;
  const effects = new Map(effectsOf(...texts, "postgresql", facts).map((effect) => [effect.user, effect]));
  const named = namedDatabases(texts);
  const wrong: string[] = [];
  for (const login of LOGINS) {
    const effect: Partial<Effect> = effects.get(login.user) ?? {};
    const apart = named.get(login.user) ?? new Set();
    const loss = [seen(before, after, login), claimed(effect.losses ?? [], login, apart)];
    const gain = [seen(after, before, login), claimed(effect.gains ?? [], login, apart)];
    if (loss[0] !== undefined) count.lost++;
    if (gain[0] !== undefined) count.gained++;
    for (const [what, [really, said]] of [["lost", loss] as const, ["gained", gain] as const])
      if (really !== said)
        wrong.push(`${texts.join("->\n")}${JSON.stringify(login)}: ${what} ${really}, said: ${said}`);
  }
  for (const { user, lockout } of effects.values()) {
    if (lockout === undefined) continue;
    count.lockouts++;
    // Of the others a machine alone sees nothing: they are about addresses that are not its own.
    const gone = LOGINS.filter(
      (login) =>
        login.user === user &&
        (lockout.reason.startsWith("at all")
          ? !login.replication
          : lockout.reason.startsWith("for replication on the server itself") && login.replication),
    );
    if (gone.some((login) => after.get(login)))
      wrong.push(`${texts.join("->\n")}${user} locked out ${lockout.reason}, and gets in`);
  }
  return wrong;
}

it("what a change of rules is said to take and to give is what the server then takes and gives", async () => {
  // Given rules on a real server, and the logins that they let in.
  const wrong: string[] = [];
  const [starts, edits] = [
    fc.sample(wholeText, { numRuns: PAIRS / CHANGES, seed: 7 }),
    fc.sample(edit, { numRuns: PAIRS, seed: 8 }),
  ];
  const address = { port: server.port, socketFolder: join(dirname(server.logFile), "data"), password: "pw" };
  for (const [i, start] of starts.entries()) {
    let rules: Rule[] = start;
    let text = textOf(rules);
    await load(text);
    let results = await tryLogins(LOGINS, address);
    for (const change of edits.slice(i * CHANGES, (i + 1) * CHANGES)) {
      // When somebody edits them.
      rules = edited(rules, change);
      const next = textOf(rules);
      await load(next);
      const then = await tryLogins(LOGINS, address);
      // Then each login has become what the difference says.
      wrong.push(...compare([text, next], [results, then]));
      count.pairs++;
      [text, results] = [next, then];
    }
  }
  console.log(
    `Changes of HBA rules: ${count.pairs} pairs of texts, ${LOGINS.length} logins under each; ${count.lost} lost, ${count.gained} gained, ${count.lockouts} lockouts; ${wrong.length} disagreements`,
  );
  expect(wrong).toEqual([]);
  expect(count.pairs).toBeGreaterThanOrEqual(60);
  expect(Math.min(count.lost, count.gained)).toBeGreaterThan(100);
  expect(count.lockouts).toBeGreaterThan(10);
}, 300_000);
