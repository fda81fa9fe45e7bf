import fc from "fast-check";
import { expect, it } from "vitest";
import { lintHba, matchHba } from "../../../src/hba";

const pick = (...values: string[]) => fc.constantFrom(...values);
const NETWORKS = [
  "10.0.0.0/8",
  "10.0.0.0/9",
  "10.128.0.0/9",
  "10.5.0.0/16",
  "0.0.0.0/0",
  "0.0.0.0/1",
  "128.0.0.0/1",
];
const rule = fc
  .tuple(
    pick("host", "hostssl", "hostnossl"),
    pick("all", "shop", "shop,ops", "replication"),
    pick("all", "app", "app,ops", "/^a"),
    pick(...NETWORKS, ...NETWORKS, "::/0", "2001:db8::/32", "all"),
    pick("reject", "scram-sha-256", "trust"),
  )
  .map((columns) => columns.join(" "));
const text = fc.array(rule, { minLength: 2, maxLength: 8 }).map((rules) => rules.join("\n"));

/** The first and the last address of every network, and those beside it. */
const ADDRESSES = [
  ...["0.0.0.0", "9.255.255.255", "10.0.0.0", "10.4.255.255", "10.5.0.0", "10.5.255.255", "10.6.0.0"],
  ...["10.127.255.255", "10.128.0.0", "10.255.255.255", "11.0.0.0", "127.255.255.255", "128.0.0.0"],
  ...["255.255.255.255", "::", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "ffff::"],
];

/** The lines that decide some login of the grid. */
function deciding(rules: string): Set<number | undefined> {
  const lines = new Set<number | undefined>();
  for (const user of ["app", "ops", "other"])
    for (const database of ["shop", "ops", "other"])
      for (const address of ADDRESSES)
        for (const tls of [true, false])
          for (const replication of [true, false]) {
            const login = {
              user,
              database,
              address,
              tls,
              replication,
              storedHash: { kind: "none" } as const,
            };
            lines.add(matchHba(rules, login, "postgresql").rule?.line);
          }
  return lines;
}

it("no login is decided by a rule that is said to be unreachable, and each other rule of one user decides one", () => {
  let unreachable = 0;
  fc.assert(
    fc.property(text, (rules) => {
      const findings = lintHba(rules, "postgresql");
      const said = new Set(
        findings
          .filter(({ code }) => code === "rule-unreachable" || code === "rule-redundant")
          .map(({ line }) => line),
      );
      unreachable += said.size;
      const decided = deciding(rules);
      for (const [i, line] of rules.split("\n").entries()) {
        const [, database = "", user = ""] = line.split(" ");
        // What several names or expressions match together is not put together.
        const isSimple =
          !`${database}${user}`.includes(",") && user !== "/^a" && user !== "all" && database !== "all";
        if (said.has(i + 1)) expect([rules, i + 1, decided.has(i + 1)]).toEqual([rules, i + 1, false]);
        else if (isSimple) expect([rules, i + 1, decided.has(i + 1)]).toEqual([rules, i + 1, true]);
      }
    }),
    { numRuns: 150 },
  );
  // Of random texts, some 75 with a spread of 10: enough that the property says something, and never too few by chance.
  expect(unreachable).toBeGreaterThan(20);
});
