import { describe, expect, it } from "vitest";
import { checkIdentity } from "../../cockroachdb-stand-in/login/identity-map";
import { PROFILES } from "../../cockroachdb-stand-in/profile";
import { useStandIn } from "../../cockroachdb-stand-in/testing";

const LOGIN = "server.user_login";
const HBA = "server.host_based_authentication.configuration";
const COST = `${LOGIN}.password_hashes.default_cost.scram_sha_256`;

/** Facts 5.2, 5.3: set as written, shown as. */
const SHOWN: readonly (readonly [name: string, written: string, shown: unknown])[] = [
  [COST, "4096", "4096"],
  [COST, "'240000000000'", "240000000000"],
  [`${LOGIN}.password_encryption`, "'CRDB-bcrypt'", "crdb-bcrypt"],
  [`${LOGIN}.password_encryption`, "3", "scram-sha-256"],
  [`${LOGIN}.password_encryption`, "'2'", "crdb-bcrypt"],
  [`${LOGIN}.cert_password_method.auto_scram_promotion.enabled`, "off", false],
  [`${LOGIN}.cert_password_method.auto_scram_promotion.enabled`, "'true'", true],
  [`${LOGIN}.min_password_length`, "0", "0"],
  [`${LOGIN}.timeout`, "'1m30s'", { minutes: 1, seconds: 30 }],
  [HBA, "'host all all all trust'", "host all all all trust"],
];

const REFUSED: readonly (readonly [sql: string, code: string, message: string, hint?: string])[] = [
  ["SET CLUSTER SETTING no.such = 1", "42P02", "unknown cluster setting 'no.such'"],
  ["RESET CLUSTER SETTING no.such", "42P02", "unknown cluster setting 'no.such'"],
  ["SHOW CLUSTER SETTING no.such", "XXUUU", 'unknown setting: "no.such"'],
  [`SET CLUSTER SETTING ${COST} = 4095`, "XXUUU", "expected value in range [4096, 240000000000], got: 4095"],
  [
    `SET CLUSTER SETTING ${COST} = 'x'`,
    "22P02",
    'could not parse "x" as type int: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  [
    `SET CLUSTER SETTING ${LOGIN}.password_encryption = 'md5'`,
    "XXUUU",
    "invalid string value 'md5' for enum setting",
    "Available values: 2: crdb-bcrypt, 3: scram-sha-256",
  ],
  [
    `SET CLUSTER SETTING ${LOGIN}.cert_password_method.auto_scram_promotion.enabled = 'maybe'`,
    "22P02",
    'could not parse "maybe" as type bool: invalid bool value',
  ],
  [`SET CLUSTER SETTING ${HBA} = 1`, "42804", `argument of ${HBA} must be type string, not type int`],
  [
    "SELECT 1; SET CLUSTER SETTING sql.auth.change_own_password.enabled = true",
    "XXUUU",
    "SET CLUSTER SETTING cannot be used inside a multi-statement transaction",
  ],
  [
    "BEGIN; RESET CLUSTER SETTING sql.auth.change_own_password.enabled",
    "XXUUU",
    "SET CLUSTER SETTING cannot be used inside a multi-statement transaction",
  ],
];

describe("cluster settings", () => {
  const bed = useStandIn();

  it.each(SHOWN)("%s = %s", async (name, written, shown) => {
    await bed.rows(`SET CLUSTER SETTING ${name.toUpperCase()} TO ${written}`);
    expect(await bed.rows(`SHOW CLUSTER SETTING ${name}`)).toEqual([{ [name]: shown }]);
    await bed.rows(`SET CLUSTER SETTING ${name} = DEFAULT`);
  });

  it.each(REFUSED.map(([sql, code, message, hint]) => ({ sql, code, message, hint })))(
    "$sql",
    async ({ sql, code, message, hint }) => {
      expect(await bed.refusal(sql)).toEqual({ code, message, ...(hint !== undefined && { hint }) });
    },
  );

  it("not in an explicit transaction, which is then lost", async () => {
    await bed.withClient(async (client) => {
      await client.query("BEGIN");
      await expect(client.query(`SET CLUSTER SETTING ${COST} = $1`, ["5000"])).rejects.toMatchObject({
        message: "SET CLUSTER SETTING cannot be used inside a multi-statement transaction",
      });
      await expect(client.query("SELECT 1")).rejects.toMatchObject({ code: "25P02" });
      await client.query("ROLLBACK");
    });
  });

  it("origin tells unset from set to the default (facts 5.4)", async () => {
    const origin = async () => {
      const all = await bed.rows("SHOW CLUSTER SETTINGS");
      return all.find(({ variable }) => variable === HBA)?.origin;
    };
    await bed.rows(`RESET CLUSTER SETTING ${HBA}`);
    expect(await origin()).toBe("default");
    await bed.rows(`SET CLUSTER SETTING ${HBA} = ''`);
    expect(await origin()).toBe("override");
    await bed.rows(`RESET CLUSTER SETTING ${HBA}`);
    expect(await origin()).toBe("default");
  });

  it("the store of pre-hashed passwords is not public (facts 2.4)", async () => {
    const name = `${LOGIN}.store_client_pre_hashed_passwords.enabled`;
    const names = async (sql: string) => (await bed.rows(sql)).map(({ variable }) => variable);
    expect(await names("SHOW CLUSTER SETTINGS")).not.toContain(name);
    expect(await names("SHOW PUBLIC CLUSTER SETTINGS")).not.toContain(name);
    expect(await names("SHOW ALL CLUSTER SETTINGS")).toContain(name);
    expect(await bed.rows(`SHOW CLUSTER SETTING ${name}`)).toEqual([{ [name]: true }]);
  });
});

/** Facts 5.2, 5.3, 5.5. */
describe("who may", () => {
  const bed = useStandIn();
  const as = async (sql: string, ...made: readonly string[]) => {
    await bed.rows("DROP USER IF EXISTS probe");
    for (const statement of made) await bed.rows(statement);
    return bed.withClient(
      async (client) =>
        client.query(sql).then(
          ({ rows }) => rows,
          ({ code, message }) => ({ code, message }),
        ),
      bed.urlFor("probe", "pw"),
    );
  };
  const nobody = "CREATE USER probe PASSWORD 'pw'";
  const viewer = "CREATE USER probe PASSWORD 'pw' VIEWCLUSTERSETTING";
  const modifier = "CREATE USER probe PASSWORD 'pw' MODIFYCLUSTERSETTING";

  it("set: MODIFYCLUSTERSETTING as an option or a system privilege, or admin", async () => {
    const refused = {
      code: "42501",
      message: `only users with the MODIFYCLUSTERSETTING privilege are allowed to set cluster setting '${HBA}'`,
    };
    const sql = `SET CLUSTER SETTING ${HBA} = ''`;
    expect(await as(sql, nobody)).toEqual(refused);
    expect(await as(sql, viewer)).toEqual(refused);
    expect(await as(sql, modifier)).toEqual([]);
    expect(await as(sql, nobody, "GRANT SYSTEM MODIFYCLUSTERSETTING TO probe")).toEqual([]);
    expect(await as(sql, nobody, "GRANT admin TO probe")).toEqual([]);
  });

  it("show: VIEWCLUSTERSETTING too", async () => {
    expect(await as(`SHOW CLUSTER SETTING ${HBA}`, nobody)).toEqual({
      code: "42501",
      message: `only users with MODIFYCLUSTERSETTING or VIEWCLUSTERSETTING privileges are allowed to show cluster setting '${HBA}'`,
    });
    expect(await as("SHOW CLUSTER SETTINGS", nobody)).toMatchObject({ code: "42501" });
    expect(await as("SELECT * FROM crdb_internal.cluster_settings", nobody)).toMatchObject({ code: "42501" });
    expect(await as(`SHOW CLUSTER SETTING ${HBA}`, viewer)).toEqual([{ [HBA]: "" }]);
  });

  it("see what is sensitive: not with VIEWCLUSTERSETTING alone, once redaction is on", async () => {
    await bed.rows("SET CLUSTER SETTING server.redact_sensitive_settings.enabled = true");
    const sql = `SHOW CLUSTER SETTING ${HBA}`;
    expect(await as(sql, viewer)).toEqual([{ [HBA]: "" }]);
    await bed.rows(`SET CLUSTER SETTING ${HBA} = 'host all all all password'`);
    expect(await as(sql, viewer)).toEqual([{ [HBA]: "<redacted>" }]);
    expect(await as(sql, modifier)).toEqual([{ [HBA]: "host all all all password" }]);
  });
});

/** Facts 5.3, 2.4: [version, columns of SHOW CLUSTER SETTINGS, of SHOW ALL, default of encryption and cost, older range]. */
describe.each([
  ["v22.1", [], "crdb-bcrypt", "119680", "cost not in allowed range (4096,240000000000)", "22.1"],
  [
    "v24.3",
    ["default_value", "origin"],
    "scram-sha-256",
    "10610",
    "expected value in range [4096, 240000000000], got: 1",
    "24.3",
  ],
  [
    "v26.1",
    ["default_value", "origin"],
    "scram-sha-256",
    "10610",
    "expected value in range [4096, 240000000000], got: 1",
    "26.1",
  ],
] as const)("%s", (version, more, encryption, cost, range, active) => {
  const bed = useStandIn({ version });

  it("shows settings in its shape", async () => {
    const [first] = await bed.rows("SHOW CLUSTER SETTINGS");
    expect(Object.keys(first ?? {})).toEqual(["variable", "value", "setting_type", "description", ...more]);
    const [firstOfAll] = await bed.rows("SHOW ALL CLUSTER SETTINGS");
    expect(Object.keys(firstOfAll ?? {})).toEqual([
      "variable",
      "value",
      "setting_type",
      "public",
      "description",
      ...more,
    ]);
    await bed.withClient(async (client) => {
      await client.query("SET allow_unsafe_internals = on").catch(() => {});
      const { rows } = await client.query("SELECT * FROM crdb_internal.cluster_settings LIMIT 1");
      expect(Object.keys(rows[0])).toEqual(["variable", "value", "type", "public", "description", ...more]);
      await client.query(`SET CLUSTER SETTING ${LOGIN}.min_password_length = 2`);
      expect((await client.query("SELECT name, value FROM system.settings")).rows).toEqual([
        { name: `${LOGIN}.min_password_length`, value: "2" },
      ]);
    });
  });

  it("has its defaults and its words", async () => {
    const rows = await bed.rows("SHOW ALL CLUSTER SETTINGS");
    const value = (name: string) => rows.find(({ variable }) => variable === name)?.value;
    expect(value(`${LOGIN}.password_encryption`)).toBe(encryption);
    expect(value(COST)).toBe(cost);
    expect(value("version")).toBe(active);
    expect(await bed.refusal(`SET CLUSTER SETTING ${COST} = 1`)).toMatchObject({ message: range });
    const rewrites = `${LOGIN}.rehash_scram_stored_passwords_on_cost_change.enabled`;
    expect(value(rewrites)).toBe(version === "v22.1" ? undefined : "true");
  });
});

/** Facts 1.8. */
describe("the identity map", () => {
  const bed = useStandIn();
  it.each([
    ["# nothing\n\nm a b # c", undefined],
    ["m /^(.*)@x$ \\1", undefined],
    ["\nm a", 'unable to parse line 2: "m a"'],
    ["m /^.*$ \\1", "saw \\1 substitution on line 1, but pattern contains no subexpressions"],
  ])("%j", async (text, message) => {
    const sql = "SET CLUSTER SETTING server.identity_map.configuration = $1";
    expect((await bed.refusal(sql, [text]))?.message).toBe(message);
  });

  it.each([
    ["v24.3", "Alice", 'system identity "Alice" did not map to a database role'],
    ["v26.1", "Alice", undefined],
    ["v26.1", "operator", 'system identity "operator" mapped to reserved database role "root"'],
  ] as const)("%s: %s comes", (version, identity, message) => {
    const map = "m alice alice\nm operator root";
    const user = identity === "Alice" ? "alice" : "root";
    const check = () => checkIdentity(map, "m", identity, user, PROFILES[version]);
    if (message === undefined) check();
    else expect(check).toThrow(message);
  });
});
