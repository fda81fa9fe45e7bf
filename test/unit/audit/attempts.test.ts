import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attemptsFrom } from "../../../src/audit/attempts";
import { loginsTo } from "../../../src/audit/matches";
import { waysInto } from "../../../src/audit/ways-in";
import type { AccessFacts } from "../../../src/database/access";
import { type HbaLogin, type HbaMatch, matchHba } from "../../../src/hba";
import { prepareRules } from "../../../src/hba/match/prepare";
import { role } from "../../support/audit";

const TENANTS = 100;
const facts: AccessFacts = {
  roles: [],
  hashesReadable: true,
  own: { user: "admin", database: "postgres", address: "local", tls: false },
  context: { version: "18" },
};
const user = role({ name: "user7" });

/** How many logins are tried for one user under a line for each tenant. */
function tried(line: (tenant: number) => string): { audit: number; guard: number } {
  const text = Array.from({ length: TENANTS }, (_, i) => line(i)).join("\n");
  const rules = prepareRules(text, "postgresql", facts.context);
  const guard = waysInto([rules], facts)(user).flatMap(({ attempts }) => attempts);
  return { audit: loginsTo(rules, facts)(user).length, guard: guard.length };
}

describe("of logins that come to the same one is tried", () => {
  it.each<[string, (i: number) => string, number]>([
    ["each tenant has its user", (i) => `host db${i} user${i} 10.0.${i}.0/24 scram-sha-256`, 20],
    ["any user, by tenant", (i) => `host db${i} all 10.0.${i}.0/24 scram-sha-256`, 6 * TENANTS],
    ["nobody is meant", (i) => `host db${i} other${i} 10.0.${i}.0/24 scram-sha-256`, 20],
  ])("%s", (_case, line, most) => {
    const { audit, guard } = tried(line);
    expect(audit).toBeGreaterThan(0);
    expect(audit).toBeLessThanOrEqual(most);
    expect(guard).toBeLessThanOrEqual(most);
  });

  it("but each that a rule sets apart", () => {
    const rules = prepareRules(
      "host shop user7 10.0.0.0/8 md5\nhost all user7 10.1.0.0/16 reject\nhost sameuser all all trust",
      "postgresql",
      facts.context,
    );
    const logins = loginsTo(
      rules,
      facts,
    )(user).map((attempt) => ({
      ...attempt.login,
      line: attempt.into(rules).rule?.line,
    }));
    const decided = (line: number | undefined) => logins.filter((login) => login.line === line);
    expect(decided(1)).toContainEqual(expect.objectContaining({ database: "shop", address: "10.0.0.0" }));
    expect(decided(2)).toContainEqual(expect.objectContaining({ database: "postgres", address: "10.1.0.0" }));
    expect(decided(3)).toContainEqual(expect.objectContaining({ database: "user7", address: "203.0.113.1" }));
    expect(decided(undefined)).toContainEqual(
      expect.objectContaining({ database: "postgres", address: "local" }),
    );
  });
});

const pick = (...choices: string[]) => fc.constantFrom(...choices);
const line = fc
  .tuple(
    pick("host", "host", "hostssl", "hostnossl", "hostgssenc"),
    pick("all", "all", "shop", "shop,other", "sameuser", "replication", "/^sh", "@file"),
    pick("all", "all", "app", "other", "+staff", "/^a", "@file"),
    pick("all", "10.0.0.0/8", "10.1.0.0/16", "127.0.0.1/32", "samenet", "localhost"),
    pick("scram-sha-256", "md5", "trust", "reject", "ldap ldapserver=x ldapprefix=y"),
  )
  .map((columns) => columns.join(" "));
const socketLine = pick("local all all peer", "local shop all reject", "include other.conf");
const text = fc.array(fc.oneof({ weight: 6, arbitrary: line }, socketLine), { minLength: 1, maxLength: 6 });

it("the same comes of those that are tried as of all of them", () => {
  const addresses = ["203.0.113.1", "10.0.0.0", "10.1.0.0", "10.255.255.255", "127.0.0.1"];
  const databases = ["postgres", "shop", "other", "app"];
  const modes = [{ tls: true }, { tls: false }, { tls: false, gssEncryption: true }];
  const inShort = ({ candidates, asks, outcome }: HbaMatch) =>
    `${candidates.map((each) => each.line)} ${asks} ${outcome}`;

  fc.assert(
    fc.property(text, fc.constantFrom("app", "other"), fc.boolean(), (lines, name, replication) => {
      const rules = prepareRules(lines.join("\n"), "postgresql", facts.context);
      const who = role({ name, memberOf: name === "app" ? ["staff"] : [] });
      const { storedHash, memberOf } = who;
      for (const [from, how] of [[addresses, modes] as const, [["local"], [{ tls: false }]] as const]) {
        const tried = attemptsFrom([rules], from, databases)(who, how, replication).map((each) =>
          each.into(rules),
        );
        const all = from.flatMap((address) =>
          databases.flatMap((database) =>
            how.map(
              (mode): HbaLogin => ({
                user: name,
                storedHash,
                memberOf,
                replication,
                address,
                database,
                ...mode,
              }),
            ),
          ),
        );
        const expected = all.map((login) => matchHba(lines.join("\n"), login, "postgresql", facts.context));
        expect(new Set(tried.map(inShort))).toEqual(new Set(expected.map(inShort)));
      }
    }),
    { numRuns: 300 },
  );
});
