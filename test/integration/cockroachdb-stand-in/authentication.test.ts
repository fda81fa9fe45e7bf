import { beforeAll, describe, expect, it } from "vitest";
import { firstAnswer } from "../../cockroachdb-stand-in/first-answer";
import { useStandIn } from "../../cockroachdb-stand-in/testing";

const SCRAM_AT_COST =
  "SCRAM-SHA-256$10610:pAlYy62NTdETKb291V/Wow==$OXMAj9oD53QucEYVMBcdhRnjg2/S/iZY/88ShZnputA=:r8l4c1pk9bmDi+8an059l/nt9Bg1zb1ikkg+DeRv4UQ=";
const SCRAM_BELOW_COST = SCRAM_AT_COST.replace("10610", "4096");
const BCRYPT = "CRDB-BCRYPT$2a$10$jeDfxx9fI7dDp3p0I3BTGOX2uKjnErlmgf74U0bp9KusDpAVypc1.";

const SASL = "asked for SASL: SCRAM-SHA-256";
const CLEARTEXT = "asked for cleartext";
const HBA = "server.host_based_authentication.configuration";
const login = (name: string) => `server.user_login.${name}`;

/** Facts 4.2, 4.3: what a client without TLS sees, by rule, stored hash, settings. */
const ROWS: readonly {
  rule: string;
  user: string;
  settings?: Record<string, string>;
  sees: string;
  v22?: string;
}[] = [
  { rule: "password", user: "scram", sees: CLEARTEXT },
  { rule: "password", user: "nothing", sees: CLEARTEXT },
  { rule: "scram-sha-256", user: "scram", sees: SASL },
  { rule: "scram-sha-256", user: "bcrypt", sees: SASL },
  { rule: "scram-sha-256", user: "nothing", sees: SASL },
  { rule: "cert-scram-sha-256", user: "scram", sees: SASL },
  { rule: "cert-password", user: "scram", sees: SASL },
  { rule: "cert-password", user: "low", sees: CLEARTEXT, v22: SASL },
  { rule: "cert-password", user: "bcrypt", sees: CLEARTEXT },
  { rule: "cert-password", user: "nothing", sees: SASL },
  {
    rule: "cert-password",
    user: "scram",
    settings: { [login("password_encryption")]: "crdb-bcrypt" },
    sees: CLEARTEXT,
    v22: SASL,
  },
  {
    rule: "cert-password",
    user: "scram",
    settings: { [login("cert_password_method.auto_scram_promotion.enabled")]: "off" },
    sees: CLEARTEXT,
  },
  {
    rule: "cert-password",
    user: "scram",
    settings: { [login("password_hashes.default_cost.scram_sha_256")]: "5000" },
    sees: CLEARTEXT,
    v22: SASL,
  },
  { rule: "trust", user: "nothing", sees: "let in" },
  { rule: "trust", user: "missing", sees: "ERROR 28P01: password authentication failed for user missing" },
  {
    rule: "scram-sha-256",
    user: "missing",
    sees: "ERROR 28P01: password authentication failed for user missing",
  },
  {
    rule: "cert-password",
    user: "missing",
    sees: "ERROR 28P01: password authentication failed for user missing",
  },
  { rule: "trust", user: "barred", sees: "ERROR 28000: barred does not have login privilege" },
  { rule: "reject", user: "scram", sees: "ERROR 28000: authentication rejected by configuration" },
  {
    rule: "cert",
    user: "scram",
    sees: 'ERROR 28000: method "cert" required for this user, but unusable over this connection type',
  },
];

describe.each(["v22.1", "v24.3", "v26.1"] as const)("%s: what a client is asked for", (version) => {
  const bed = useStandIn({ version });
  beforeAll(async () => {
    await bed.withClient(async (client) => {
      await client.query("CREATE USER scram PASSWORD $1", [SCRAM_AT_COST]);
      await client.query("CREATE USER low PASSWORD $1", [SCRAM_BELOW_COST]);
      await client.query("CREATE USER bcrypt PASSWORD $1", [BCRYPT]);
      await client.query("CREATE USER nothing");
      await client.query("CREATE ROLE barred");
      if (version === "v22.1") await client.query(`SET CLUSTER SETTING ${login("password_encryption")} = 3`);
    });
  });

  it.each(ROWS)(
    "$user under $rule with $settings: $sees",
    async ({ rule, user, settings = {}, sees, v22 }) => {
      await bed.withClient(async (client) => {
        for (const [name, value] of Object.entries(settings)) {
          await client.query(`SET CLUSTER SETTING ${name} = '${value}'`);
        }
        await client.query(`SET CLUSTER SETTING ${HBA} = $1`, [`host all all all ${rule}`]);
        const seen = await firstAnswer(bed.standIn.port, user);
        for (const name of Object.keys(settings)) await client.query(`RESET CLUSTER SETTING ${name}`);
        expect(seen).toBe(version === "v22.1" ? (v22 ?? sees) : sees);
      });
    },
  );

  it("names are folded at the door too", async () => {
    await bed.rows(`SET CLUSTER SETTING ${HBA} = 'host all SCRAM all scram-sha-256'`);
    expect(await firstAnswer(bed.standIn.port, "ScRaM")).toBe(SASL);
  });

  it("no rule for a user is no login", async () => {
    await bed.rows(`SET CLUSTER SETTING ${HBA} = 'host all bcrypt all trust'`);
    expect(await firstAnswer(bed.standIn.port, "scram")).toBe(
      `ERROR 28000: no ${HBA} entry for host "127.0.0.1", user "scram"`,
    );
  });

  it("root can't be locked out over TCP", async () => {
    await bed.rows(`SET CLUSTER SETTING ${HBA} = 'host all root all reject'`);
    expect(await bed.login("root", "root")).toBe("in");
  });
});

describe("an expired password", () => {
  const bed = useStandIn();
  beforeAll(() => bed.rows("CREATE USER late PASSWORD 'once' VALID UNTIL '2020-01-01'"));

  it.each([
    ["password", { code: "28000", message: "password is expired" }],
    ["scram-sha-256", { code: "28P01", message: "password authentication failed for user late" }],
    ["trust", "in"],
  ])("under %s", async (method, outcome) => {
    await bed.rows(`SET CLUSTER SETTING ${HBA} = 'host all all all ${method}'`);
    expect(await bed.login("late", "once")).toEqual(outcome);
  });
});

describe("where TLS is required", () => {
  const bed = useStandIn({ requireTls: true });

  it("nobody is heard in the clear", async () => {
    expect(await firstAnswer(bed.standIn.port, "root")).toBe(
      "ERROR 08P01: node is running secure mode, SSL connection required",
    );
  });
});
