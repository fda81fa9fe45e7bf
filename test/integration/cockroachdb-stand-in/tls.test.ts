import { beforeAll, describe, expect, it } from "vitest";
import { refusalOf, useStandIn } from "../../cockroachdb-stand-in/testing";
import { createAuthority } from "../../support/certificates";

const authority = createAuthority();
const server = authority.issueServer("127.0.0.1");
const CERTIFICATES = {
  alice: authority.issueClient("alice"),
  mapped: authority.issueClient("alice@example.org"),
  stranger: createAuthority().issueClient("alice"),
};
type Owner = keyof typeof CERTIFICATES;

/** Facts 4.3: [rule, certificate, password, outcome for the user alice]. */
const ROWS: readonly (readonly [
  rule: string,
  certificate: Owner | undefined,
  password: string,
  outcome: string,
])[] = [
  ["hostssl all all all cert", "alice", "", "in"],
  ["hostssl all all all cert", undefined, "pw", "28000: no TLS peer certificates, but required for auth"],
  ["host all all all cert-password", "alice", "", "in"],
  ["host all all all cert-password", undefined, "pw", "in"],
  // No falling back to the password with another's certificate.
  [
    "host all all all cert-password",
    "mapped",
    "pw",
    '28000: certificate authentication failed for user "alice"',
  ],
  ["host all all all cert-scram-sha-256", "alice", "", "in"],
  ["host all all all cert-scram-sha-256", undefined, "pw", "in"],
  ["host all all all scram-sha-256", "alice", "pw", "in"],
  [
    "hostnossl all all all trust",
    "alice",
    "pw",
    '28000: no server.host_based_authentication.configuration entry for host "127.0.0.1", user "alice"',
  ],
  ["hostssl all all all cert map=m", "mapped", "", "in"],
  [
    "hostssl all all all cert map=other",
    "mapped",
    "",
    '28000: system identity "alice@example.org" did not map to a database role',
  ],
  // Two maps, or an empty one, are none.
  ['hostssl all all all cert map=""', "alice", "", "in"],
  ["hostssl all all all cert map=m map=m", "alice", "", "in"],
];

describe("over TLS", () => {
  const bed = useStandIn({
    requireTls: true,
    tls: { ...server, ca: authority.cert },
  });
  const connect = async (user: string, password: string, certificate?: Owner) => {
    const ssl = {
      ca: authority.cert,
      checkServerIdentity: () => undefined,
      ...(certificate && CERTIFICATES[certificate]),
    };
    const refusal = await refusalOf(
      bed.withClient((client) => client.query("SELECT 1"), {
        connectionString: bed.urlFor(user, password),
        ssl,
      }),
    );
    return refusal === undefined ? "in" : `${refusal.code}: ${refusal.message}`;
  };
  const asRoot = (sql: string, values: unknown[] = []) =>
    bed.withClient((client) => client.query(sql, values), {
      connectionString: bed.standIn.url,
      ssl: { rejectUnauthorized: false },
    });

  beforeAll(async () => {
    await asRoot("CREATE USER alice PASSWORD 'pw'");
    await asRoot("SET CLUSTER SETTING server.identity_map.configuration = 'm /^(.*)@example.org$ \\1'");
  });

  it.each(ROWS)(
    "%s with the certificate of %s and the password %j: %s",
    async (rule, certificate, password, outcome) => {
      await asRoot("SET CLUSTER SETTING server.host_based_authentication.configuration = $1", [rule]);
      expect(await connect("alice", password, certificate)).toBe(outcome);
    },
  );

  it("a certificate of a stranger's making ends the connection", async () => {
    await expect(connect("alice", "pw", "stranger")).rejects.toThrow();
  });

  it("in the clear nobody is heard", async () => {
    expect(await bed.login("alice", "pw")).toEqual({
      code: "08P01",
      message: "node is running secure mode, SSL connection required",
    });
  });
});
