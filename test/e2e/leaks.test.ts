import { beforeAll, describe, expect, it } from "vitest";
import { deriveVerifier, formatVerifier } from "../../src/scram";
import { type PostgresServer, startPostgres } from "../../tools/postgres/server.mts";
import { type Canary, describeSearch, searchLeaks } from "../support/leaks";
import {
  kindsOf,
  type Places,
  placesOf,
  type RunOptions,
  seenOf,
  type TappedStack,
  tap,
  type Users,
} from "../support/tapped-stack";
import { query } from "../support/targets";
import type { Cut } from "../support/wire";

/** Everything that may be told to say more, but for Node's `child_process`, which prints the environment we put passwords in. */
const TALKATIVE = {
  NODE_DEBUG: "net,tls,http,https,http2,stream,dns,crypto",
  GRPC_TRACE: "all",
  GRPC_VERBOSITY: "DEBUG",
  PULUMI_DEBUG_PROMISE_LEAKS: "true",
  PULUMI_ERROR_OUTPUT_STRING: "true",
};

const SERVER_SETTINGS = {
  shared_preload_libraries: "pg_stat_statements",
  log_statement: "all",
  log_min_duration_statement: "0",
  log_min_messages: "debug1",
  log_error_verbosity: "verbose",
};

/** The passwords come in the environment: in the stack's config, Pulumi itself would record them. */
const PROGRAM = `
  const { Provider, ScramUser, ScramUserSet } = require("pulumi-scram");
  const { users, connection } = JSON.parse(process.env.DECLARED);
  const provider = new Provider("server", { connection });
  const together = {};
  for (const [name, { inSet, ...args }] of Object.entries(users)) {
    if (inSet) {
      together[name] = args;
      continue;
    }
    const user = new ScramUser(name, args, { provider });
    const { username, verifier, generation, iterations, login, validUntil } = user;
    exports[name] = { username, verifier, generation, iterations, login, validUntil };
  }
  if (Object.keys(together).length > 0) {
    exports.together = new ScramUserSet("together", { users: together }, { provider }).users;
  }
`;

/** Of each kind, one to begin with and one to rotate to. */
const PASSWORDS = {
  ASCII: ["Plover-ascii-7d31c8", "Plover-ascii-e0b94f"],
  "quotes and backslashes": [`Plover'q"uote\\x41\\'1;--`, `Plover'q"uote\\x42\\'2;--`],
  "changed by SASLprep": ["Plover-\u00adp\u00e4ss-\ufb03-\uff21-1", "Plover-\u00adp\u00e4ss-\ufb03-\uff21-2"],
  "refused by SASLprep": ["Plover-abc-\u05d0\u05d1-def-1", "Plover-abc-\u05d0\u05d1-def-2"],
} as const;
const ADMIN_PASSWORD = "Plover-administrator-55";
/** As JSON and as Go print it. */
const NUMBER = 8_642_097_531_864;
const KEYS = "Plover+Plover+Plover+Plover+Plover+Canary00=";
const SALT = "Plover+Plover+Plover+0==";

const UP = ["up", "--yes", "--skip-preview", "--debug"];

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres(SERVER_SETTINGS);
  await query(server.url, "CREATE EXTENSION pg_stat_statements");
  return () => server.stop();
});

/** An administrator whose password is a canary, so that it must not be in the statement that creates it. */
async function createAdmin(name: string, options: string): Promise<string> {
  const parameters = { salt: Buffer.from(name.padEnd(16)), iterations: 4096 };
  const verifier = formatVerifier(await deriveVerifier(ADMIN_PASSWORD, parameters));
  await query(server.url, `CREATE ROLE ${name} LOGIN ${options} PASSWORD '${verifier}'`);
  const url = new URL(server.url);
  url.username = name;
  url.password = ADMIN_PASSWORD;
  return url.href;
}

/** At `--debug`, Pulumi's SDK prints the outputs of every resource, secrets among them. A password is not. */
const PRINTED_BY_THE_SDK = /^.*\bdebug: .* RPC finished: .*\n/gm;

function declared(scene: string, which: 0 | 1): Users {
  return Object.fromEntries(
    Object.values(PASSWORDS).flatMap(([...password], i) =>
      [false, true].map((inSet) => [
        `${scene}_${inSet ? "set_" : ""}${i}`,
        { password: password[which], passwordHistory: 2, inSet },
      ]),
    ),
  );
}

/** The user's day, with a connection that breaks. Resolves with every verifier that the server was given. */
async function day(
  { wire, run, decrypt }: TappedStack,
  name: string,
  { cut, sentence, ...options }: { cut: Pick<Cut, "at" | "since">; sentence: RegExp } & RunOptions,
): Promise<string[]> {
  const verifiers = async () => {
    const rows = await query<{ rolpassword: string }>(
      server.url,
      `SELECT rolpassword FROM pg_authid WHERE rolname LIKE '${name}\\_%'`,
    );
    return rows.map((row) => row.rolpassword);
  };
  const [first, second] = [declared(name, 0), declared(name, 1)];

  expect(await run(["preview", "--diff", "--debug"], first)).toContain("[secret]");
  wire.cut({ at: "PASSWORD '", when: "after" });
  expect(await run(UP, first, options)).toMatch(/7 created/);
  expect(wire.cuts).toBe(1);
  const before = await verifiers();
  expect(await run(UP, first)).toMatch(/7 unchanged/);

  wire.cut({ ...cut, when: "after", forGood: true });
  // Otherwise Pulumi stops at the first failure, and which of the users that is, is a matter of time.
  const cutUpdate = await run(["up", "--yes", "--diff", "--debug", "--continue-on-error"], second, options);
  expect(cutUpdate).toMatch(/~ verifier\s*: \[secret\] => \[secret\]/);
  expect(cutUpdate).toMatch(sentence);
  wire.heal();
  await decrypt();
  expect(await run(UP, second)).toMatch(/updated/);
  expect(await run(["refresh", "--yes", "--skip-preview", "--diff", "--debug"], second)).not.toContain(
    "error:",
  );
  const after = await verifiers();

  expect(await run(["destroy", "--yes", "--skip-preview", "--debug"], {})).toMatch(/7 deleted/);
  expect(await verifiers()).toEqual([]);
  return [...before, ...after];
}

/** A program, or a server, that the deployment founders on. */
interface Failure {
  /** @default "failing" */
  readonly name?: string;
  readonly args: object;
  readonly url?: string;
  /** The last statement that is carried out. */
  readonly cut?: string;
  readonly sentence: RegExp;
}

async function failures(): Promise<Record<string, Failure>> {
  const password = PASSWORDS.ASCII[0];
  const wrong = new URL(server.url);
  wrong.password = ADMIN_PASSWORD;
  await query(server.url, "CREATE ROLE taken");
  return {
    "an empty password": { args: { password: "" }, sentence: /password is empty/ },
    "a hash for a password": {
      args: { password: `md5${Buffer.from("Plover-md5-hash!").toString("hex")}` },
      sentence: /password looks like a stored hash/,
    },
    "a password with NUL": {
      args: { password: `${password}\0${PASSWORDS["changed by SASLprep"][0]}` },
      sentence: /password has a NUL character/,
    },
    "a number for a password": { args: { password: NUMBER }, sentence: /password must be text/ },
    // Everything else at once: the engine tells all failures of a resource.
    "an object for a password, a malformed verifier, words unknown": {
      args: {
        password: { value: [PASSWORDS["quotes and backslashes"][0]] },
        verifier: `SCRAM-SHA-256$4096:${SALT}$${KEYS}:${KEYS}x`,
        pasword: password,
      },
      sentence: /password must be text.*pasword is not an argument.*verifier is refused.*both given/s,
    },
    "a reserved name": { args: { username: "pg_app", password }, sentence: /keeps for itself/ },
    "a connection cut in the middle": {
      args: { password },
      cut: "PASSWORD '",
      sentence: /the connection to \S+ was lost while trying to create role/,
    },
    "a wrong administrator's password": {
      args: { password },
      url: wrong.href,
      sentence: /refused the password of the administrator/,
    },
    "a dead server": {
      args: { password },
      url: `postgresql://admin:${ADMIN_PASSWORD}@127.0.0.1:1/db`,
      sentence: /nothing listens there/,
    },
    "a role that is there": { args: { username: "taken", password }, sentence: /it exists already/ },
    "a role that is there, in a set": {
      name: "taken",
      args: { password, inSet: true },
      sentence: /user "taken": could not create role "taken": it exists already/,
    },
    "a password against the rules": { args: { password, minLength: 100 }, sentence: /shorter than 100/ },
    "a set against the rules": {
      args: { password: `md5${Buffer.from("Plover-md5-hash!").toString("hex")}`, inSet: true },
      sentence: /users.failing: password looks like a stored hash/,
    },
    "an administrator without rights": {
      args: { password },
      url: await createAdmin("weak", "NOCREATEROLE"),
      sentence: /needs CREATEROLE/,
    },
  };
}

async function founder({ wire, run, decrypt }: TappedStack): Promise<void> {
  for (const [what, { name = "failing", args, url, cut, sentence }] of Object.entries(await failures())) {
    if (cut !== undefined) wire.cut({ at: cut, when: "after", forGood: true });
    expect(await run(UP, { [name]: args }, { url }), what).toMatch(sentence);
    wire.heal();
  }
  await decrypt();
}

const PASSWORD_CANARIES: readonly Canary[] = [
  ...Object.entries(PASSWORDS).flatMap(([label, [first, second]]) => [
    { label: `${label}, first`, secret: first },
    { label: `${label}, second`, secret: second },
  ]),
  { label: "the hash", secret: Buffer.from("Plover-md5-hash!").toString("hex") },
  { label: "the number", secret: String(NUMBER) },
  { label: "the number in Go", secret: "8.642097531864e+12" },
  { label: "a malformed verifier's salt", secret: SALT },
  { label: "a malformed verifier's key", secret: KEYS },
];

/** Whole, and its keys by themselves. */
function verifierCanaries(verifiers: readonly string[]): Canary[] {
  return verifiers.flatMap((verifier, i) =>
    [verifier, ...verifier.split(/[$:]/).slice(3)].map((secret) => ({ label: `verifier ${i}`, secret })),
  );
}

/** What Pulumi does not print by itself. */
function withoutSdk(places: Places): Places {
  const output = places.output.map(([name, text]): [string, string] => [
    name,
    String(text).replaceAll(PRINTED_BY_THE_SDK, ""),
  ]);
  return { ...places, output };
}

describe("secrets turn up nowhere", () => {
  it("whatever happens to a deployment", async () => {
    const stacks = await Promise.all([
      tap(PROGRAM, await createAdmin("limited", "CREATEROLE")),
      tap(PROGRAM, await createAdmin("almighty", "SUPERUSER")),
      tap(PROGRAM, await createAdmin("unlucky", "CREATEROLE")),
    ]);
    const [limited, almighty, unlucky] = stacks;
    const [logged, hushed] = await Promise.all([
      day(limited, "logged", {
        cut: { at: "COMMIT", since: "PASSWORD '" },
        // Whether it was carried out is looked up, and the server is gone.
        sentence: /the connection to \S+ was lost while trying to read/,
        env: TALKATIVE,
      }),
      day(almighty, "hushed", {
        cut: { at: "PASSWORD '" },
        sentence: /the connection to \S+ was lost while trying to alter role/,
      }),
      founder(unlucky),
    ]);
    const seen = await seenOf(stacks, server);
    const own = withoutSdk(seen);

    const passwords = searchLeaks(PASSWORD_CANARIES, placesOf(seen));
    // The administrator's is in the Provider's record; a verifier has to get to the server and into the state, and only
    // a superuser can keep it out of the server's log.
    const administrator = searchLeaks(
      [{ label: "the administrator's password", secret: ADMIN_PASSWORD }],
      placesOf(own, ["output", "disk", "wire", "server log", "pg_stat_statements"]),
    );
    const verifiers = searchLeaks(
      verifierCanaries(hushed),
      placesOf(own, ["output", "disk", "server log", "pg_stat_statements"]),
    );
    const loggedVerifiers = searchLeaks(verifierCanaries(logged), placesOf(own, ["output", "disk"]));

    console.log(`passwords: ${describeSearch(passwords)}; verifiers: ${describeSearch(verifiers)}`);
    for (const { hits } of [passwords, administrator, verifiers, loggedVerifiers]) expect(hits).toEqual([]);
    // Found where the SDK prints them, so that this search, too, is known to find something.
    expect(searchLeaks(verifierCanaries(hushed), placesOf(seen, ["output"])).hits).not.toEqual([]);
    for (const [name, content] of seen.disk) expect(content, name).not.toContain("SCRAM-SHA-256$");
  }, 300_000);

  it("or they are found: a leak on purpose in every kind of place", async () => {
    const leak = "Plover-leaked-91";
    const careless = `${PROGRAM}
      exports.password = users.leaking.password;
      console.error("the password is " + users.leaking.password);
    `;
    const stack = await tap(careless, await createAdmin("careless", "CREATEROLE"));
    await stack.run(UP, { leaking: { password: leak } });
    await stack.decrypt();
    await query(stack.wire.url, `ALTER ROLE leaking PASSWORD '${leak}'`);

    const seen = await seenOf([stack], server);
    const found = kindsOf(seen).filter(
      (kind) => searchLeaks([{ label: "leak", secret: leak }], placesOf(seen, [kind])).hits.length > 0,
    );
    expect(found).toEqual(kindsOf(seen));
  });
});
