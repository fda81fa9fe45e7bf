import { afterEach, describe, expect, it, vi } from "vitest";
import { settingsProvider } from "../../../src/provider/auth-settings/auth-settings";
import { databaseFor } from "../../../src/provider/connection/connection";
import { hbaProvider } from "../../../src/provider/hba/hba";
import { type Json, type Props, type Provider, UNKNOWN } from "../../../src/provider/protocol/wire";
import { userProvider } from "../../../src/provider/user/user";
import { userSetProvider } from "../../../src/provider/user-set/user-set";

type Kind = [string, () => Provider, Props];
const USER: Kind = ["ScramUser", userProvider, { username: "app", password: "pw" }];
const KINDS: Kind[] = [
  USER,
  ["ScramUserSet", userSetProvider, { users: { app: { password: "pw" } } }],
  ["HbaConfig", hbaProvider, { product: "postgresql", text: "host all all all scram-sha-256\n" }],
  ["AuthSettings", settingsProvider, { product: "postgresql", passwordEncryption: "scram-sha-256" }],
];

type Values = Record<string, string>;

async function previewed([, create, args]: Kind, config: Values, own?: Json): Promise<string> {
  const provider = create();
  provider.configure({ config: { get: (key) => config[key] } });
  const { failures = [] } = await provider.check({}, own === undefined ? args : { ...args, connection: own });
  return failures.map(({ property, reason }) => [property, reason].filter(Boolean).join(" ")).join("\n");
}

const environment = (values: Values) => {
  for (const name of ["SCRAM_DATABASE_URL", "PGHOST", "PGHOSTADDR", "PGSERVICE"]) vi.stubEnv(name, "");
  for (const [name, value] of Object.entries(values)) vi.stubEnv(name, value);
};
afterEach(() => {
  vi.unstubAllEnvs();
});

const ofProvider = (connection: string): Values => ({
  "scram:connection": connection,
  "scram:explicit": "true",
});
const GOOD = "postgresql://admin:pw@127.0.0.1:1/postgres";

describe.each(KINDS)("the preview of %s, without a server", (...kind) => {
  it.each<[string, Values, Values, RegExp]>([
    [
      "a Provider's",
      ofProvider("Canary"),
      {},
      /^the Provider's connection is refused: .*not a PostgreSQL URL/,
    ],
    [
      "SCRAM_DATABASE_URL",
      {},
      { SCRAM_DATABASE_URL: "Canary" },
      /^SCRAM_DATABASE_URL is refused: .*not a Post/,
    ],
    [
      "PGHOST's",
      {},
      { PGHOST: "127.0.0.1", PGSSLMODE: "bogus" },
      /^the connection of PGHOST and libpq's other variables is refused: PGSSLMODE in the environment cannot be "bogus"/,
    ],
    [
      "that of an address",
      { "scram:connection": GOOD },
      { PGHOSTADDR: "localhost" },
      /^the connection of PGHOSTADDR and libpq's other variables is refused: PGHOSTADDR in the environment cannot/,
    ],
    [
      "that of a service",
      { "scram:connection": GOOD },
      { PGSERVICE: "nowhere", PGSERVICEFILE: "/nowhere" },
      /^the connection of PGSERVICE and libpq's other variables is refused: the service file cannot be read: /,
    ],
    [
      "one that is right, and a promise in the environment that is not kept",
      { "scram:connection": GOOD },
      { PGREQUIREPEER: "postgres" },
      /^the config scram:connection is refused: PGREQUIREPEER in the environment is not supported here: /,
    ],
    [
      "the config's",
      { "scram:connection": '{"password": "Canary"' },
      {},
      /^the config scram:connection is refused: it looks like JSON but is not$/,
    ],
  ])("refuses a malformed connection and says where it is from: %s", async (_case, config, env, sentence) => {
    environment(env);
    const failures = await previewed(kind, config);
    expect(failures).toMatch(sentence);
    expect(failures).not.toContain("Canary");
  });

  it("refuses a malformed connection of its own", async () => {
    environment({});
    expect(await previewed(kind, {}, "Canary")).toMatch(/^connection is refused: .*not a PostgreSQL URL/);
  });

  it.each<[string, Values, Values, Json?]>([
    ["there is none at all", {}, {}],
    ["it is right, whether or not a server answers", { "scram:connection": GOOD }, {}],
    ["another one is used: the Provider's", ofProvider(GOOD), { SCRAM_DATABASE_URL: "nonsense" }],
    ["another one is used: the environment's", { "scram:connection": "no" }, { SCRAM_DATABASE_URL: GOOD }],
    ["another one is used: its own", ofProvider(""), {}, GOOD],
    ["it is not known yet", ofProvider(UNKNOWN), {}],
    ["its own is not known yet", ofProvider(""), {}, { host: UNKNOWN }],
  ])("says nothing where %s", async (_case, config, env, own) => {
    environment(env);
    expect(await previewed(kind, config, own)).toBe("");
  });
});

describe("a Provider's connection", () => {
  it.each<[string, RegExp]>([
    ["", /^the Provider's connection is empty; give it a PostgreSQL URL .*see that it is set$/],
    [" ", /^the Provider's connection is empty/],
    ["{}", /^the Provider's connection is empty/],
    ['{"host":"h","prt":1}', /^the Provider's connection is refused: .* has no part "prt"; it takes host/],
    ['{"port":"abc"}', /^the Provider's connection is refused: .* port cannot be "abc"; use 1 to 65535/],
    ["postgresql://h/d?sslmode=bogus", /^the Provider's connection is refused: .*sslmode cannot be "bogus"/],
  ])(
    "%j is refused, and no other server taken for it, in preview and later",
    async (connection, sentence) => {
      environment({ PGHOST: "127.0.0.1" });
      const config = ofProvider(connection);
      expect(await previewed(USER, config)).toMatch(sentence);
      await expect(databaseFor(undefined, { get: (key) => config[key] })).rejects.toThrow(sentence);
    },
  );
});
