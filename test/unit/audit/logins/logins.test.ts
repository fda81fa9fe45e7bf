import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LoginsTo, loginsUnder, type Outcomes } from "../../../../src/audit/logins/logins";
import type { LoginRole } from "../../../../src/database/contract/access";
import type { HbaMatchContext, Product } from "../../../../src/hba";
import { formatIp, type IpAddress, parseIp } from "../../../../src/hba/ip";
import { visitorOf } from "../../../../src/hba/match/login";
import { explainPrepared } from "../../../../src/hba/match/match";
import { prepareRules } from "../../../../src/hba/match/prepare";
import type { StoredHash } from "../../../../src/scram/stored-hash";

const HASHES: readonly StoredHash[] = [
  { kind: "scram-sha-256", verifier: { iterations: 10_610 } } as StoredHash,
  { kind: "md5" },
  { kind: "none" },
  { kind: "unknown" },
];
const NAMES = ["app", "shop", "ops", "reports"];
const NETWORKS = [
  "10.0.0.0/8",
  "10.5.0.0/16",
  "10.5.6.0/24",
  "10.5.6.7/32",
  "127.0.0.1/32",
  "127.0.0.0/8",
  "0.0.0.0/0",
  "255.0.0.0/8",
  "::/0",
  "2001:db8::/32",
  "2001:db8:1::/48",
  "::1/128",
  "ffff::/16",
  "all",
];
const METHODS = ["scram-sha-256", "reject", "password", "cert", "trust"];

const pick = <T>(values: readonly T[]) => fc.constantFrom(...values);
const list = (values: readonly string[]) =>
  fc.uniqueArray(pick(values), { minLength: 1, maxLength: 3 }).map((all) => all.join(","));

const postgresqlRule = fc
  .tuple(
    pick(["local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"]),
    fc.oneof(pick(["all", "sameuser", "samerole", "replication", "/^sh", "@names"]), list(NAMES)),
    fc.oneof(pick(["all", "+ops", "/^a", "+nobody"]), list(NAMES)),
    fc.oneof({ weight: 9, arbitrary: pick(NETWORKS) }, pick(["samehost", "samenet", "db.example.com"])),
    pick([...METHODS, "md5"]),
  )
  .map(([connection, database, user, address, method]) => {
    const how = method === "cert" && connection !== "hostssl" ? "scram-sha-256" : method;
    return [connection, database, user, ...(connection === "local" ? [] : [address]), how].join(" ");
  });
const cockroachdbRule = fc
  .tuple(
    pick(["local", "host", "hostssl", "hostnossl"]),
    fc.oneof(pick(["all"]), list([...NAMES, "root"])),
    pick(NETWORKS),
    pick([...METHODS, "cert-password", "cert-scram-sha-256"]),
  )
  .map(([connection, user, address, method]) =>
    [connection, "all", user, ...(connection === "local" ? [] : [address]), method].join(" "),
  );
const text = (product: Product) =>
  fc
    .array(product === "postgresql" ? postgresqlRule : cockroachdbRule, { minLength: 1, maxLength: 8 })
    .map((rules) => rules.join("\n"));

const role = fc
  .record({
    name: pick(NAMES),
    storedHash: pick(HASHES),
    memberOf: pick([[], ["ops"], ["shop", "ops"]]),
    replication: fc.boolean(),
    expired: fc.boolean(),
  })
  .map((some): LoginRole => ({ login: true, validUntil: null, ...some }));

/** The first and the last address of each network, and those beside it. */
const BORDERS: readonly string[] = NETWORKS.flatMap((network) => {
  const [base = "", length = ""] = network.split("/");
  const ip = parseIp(base);
  if (ip === undefined) return [];
  const width = ip.family === 4 ? 32n : 128n;
  const last = ip.bits + (1n << (width - BigInt(length))) - 1n;
  return [ip.bits - 1n, ip.bits, last, last + 1n]
    .filter((bits) => bits >= 0n && bits < 1n << width)
    .map((bits) => formatIp({ family: ip.family, bits } as IpAddress));
});

const isBy = ({ door }: Outcomes, transport: string, certificate: boolean) =>
  door.transport === transport && (door.clientCertificate !== undefined) === certificate;

const DATABASES = ["shop", "sheep"];

describe.each<[Product, HbaMatchContext, readonly string[] | undefined]>([
  ["postgresql", {}, undefined],
  ["postgresql", {}, DATABASES],
  ["postgresql", { interfaces: [{ address: "10.5.6.7", netmask: "255.255.255.0" }] }, DATABASES],
  ["postgresql", { version: "15", ssl: false }, DATABASES],
  ["cockroachdb", { acceptSqlWithoutTls: true }, undefined],
])("%s %j, databases %j", (product, context, databases) => {
  it("every login has the outcome that matchHba gives it, at every border of every network", () => {
    let compared = 0;
    fc.assert(
      fc.property(text(product), role, (rules, who) => {
        const prepared = prepareRules(rules, product, context);
        const [logins] = loginsUnder([prepared], databases ? { databases } : {})(who).logins();
        if (logins === undefined) throw new Error("a text has logins");
        const known = new Set(
          logins.filter(({ target }) => !target.replication).map(({ target }) => target.database),
        );
        // Where the databases are known, those that are not there have no logins under a regular expression.
        const there = (name: string) => known.has(name) || known.has(undefined);
        for (const transport of product === "postgresql"
          ? ["local", "plain", "tls", "gss"]
          : ["local", "plain", "tls"]) {
          for (const certificate of transport === "tls" ? [false, true] : [false]) {
            for (const replication of who.replication && product === "postgresql" ? [false, true] : [false]) {
              for (const database of ["shop", "app", "elsewhere"].filter(there)) {
                const name = known.has(database) && !replication ? database : undefined;
                const targets = logins.filter(
                  ({ target }) => target.replication === replication && target.database === name,
                );
                expect(targets).toHaveLength(1);
                const { cells, byDoor } = targets[0] as LoginsTo;
                const outcomes = byDoor.filter((each) => isBy(each, transport, certificate));
                expect(outcomes).toHaveLength(1);
                for (const address of transport === "local" ? ["local"] : BORDERS) {
                  const login = {
                    user: who.name,
                    database,
                    address,
                    tls: transport === "tls",
                    gssEncryption: transport === "gss",
                    replication,
                    storedHash: who.storedHash,
                    memberOf: who.memberOf,
                    expired: who.expired,
                    ...(certificate && { clientCertificate: { commonName: who.name } }),
                  };
                  const ip = visitorOf(login, prepared.dialect).ip;
                  const [cell] =
                    ip === undefined
                      ? [0]
                      : cells.within({ family: ip.family, first: ip.bits, last: ip.bits });
                  const found = outcomes[0]?.matchIn(cell);
                  const { match } = explainPrepared(prepared, login);
                  compared++;
                  const same =
                    found?.outcome === match.outcome &&
                    found.asks === match.asks &&
                    found.rule?.line === match.rule?.line;
                  // Of a database that no rule names, a regular expression may say anything.
                  const open =
                    !known.has(database) &&
                    found?.rule === undefined &&
                    ["unknown", match.outcome].includes(found?.outcome ?? "");
                  if (!same && !open)
                    expect([rules, login, found?.outcome, found?.reason]).toEqual([
                      rules,
                      login,
                      match.outcome,
                      match.reason,
                    ]);
                }
              }
            }
          }
        }
      }),
      { numRuns: 60 },
    );
    expect(compared).toBeGreaterThan(20_000);
  });
});

it("a mask with gaps is unknown, and what comes after it", () => {
  const prepared = prepareRules(
    "host all all 10.0.0.0 255.0.0.255 reject\nhost all all all scram-sha-256",
    "postgresql",
  );
  const who = {
    name: "app",
    storedHash: HASHES[0],
    memberOf: [],
    login: true,
    validUntil: null,
    expired: false,
    replication: false,
  } as unknown as LoginRole;
  const [logins] = loginsUnder([prepared], {})(who).logins();
  const plain = logins?.[0]?.byDoor.find(({ door }) => door.transport === "plain");
  expect(plain?.matchIn(0).outcome).toBe("unknown");
});
