import { describe, expect, it } from "vitest";
import type { LoginRole } from "../../../src/database/contract/access";
import { type Found, judge, type Reached, type Wanted } from "../../../src/provider/isolation/judgement";

const HASHES = {
  scram: { kind: "scram-sha-256", verifier: {} as never },
  md5: { kind: "md5" },
} as const;

const role = (name: string, hash: keyof typeof HASHES): LoginRole => ({
  name,
  login: true,
  storedHash: HASHES[hash],
  validUntil: null,
  expired: false,
  memberOf: [],
  replication: false,
});

const HERE = "here";
interface Given {
  readonly wanted: Partial<Wanted> & Pick<Wanted, "phase">;
  readonly reached?: Reached;
  readonly roles?: Found["roles"];
  readonly cluster?: string | null;
  readonly declared?: readonly string[];
}

const judged = ({ wanted, reached = {}, declared = [], cluster = HERE, ...found }: Given) =>
  judge(
    { product: "postgresql", force: false, ...wanted },
    reached,
    {
      database: { product: "postgresql", server: "db:5432" },
      cluster,
      roles: "roles" in found ? found.roles : [],
    },
    declared,
  );

describe("a phase is of one server", () => {
  const at = (phase: 1 | 2 | 3, cluster: string | undefined): Reached => ({
    phase,
    ...(cluster !== undefined && { cluster }),
  });
  it.each<[string, 1 | 2 | 3, Reached, string | null, RegExp | undefined]>([
    ["the same one", 3, at(2, HERE), HERE, undefined],
    ["one that does not tell", 3, at(2, HERE), null, undefined],
    ["one that was not recorded", 3, at(2, undefined), HERE, undefined],
    [
      "another one, in phase 3 after 2",
      3,
      at(2, "there"),
      HERE,
      /^db:5432 is not the server that phase 2 was reached on, and begins with phase 1: phase 3 cannot be the first.*; `force: true` does it all the same$/,
    ],
    ["another one, in the phase that was reached there", 3, at(3, "there"), HERE, /phase 3 was reached on/],
    ["another one, in phase 2", 2, at(2, "there"), HERE, /phase 2 cannot be the first/],
    ["another one, in phase 1", 1, at(3, "there"), HERE, undefined],
  ])("%s", (_case, phase, reached, cluster, refusal) => {
    const { refusals } = judged({ wanted: { phase }, reached, cluster });
    if (refusal === undefined) expect(refusals).toEqual([]);
    else expect(refusals).toEqual([expect.stringMatching(refusal)]);
  });

  it("unless it is forced", () => {
    const { refusals, warnings } = judged({ wanted: { phase: 3, force: true }, reached: at(2, "there") });
    expect(refusals).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/begins with phase 1: .*; forced$/)]);
  });
});

describe("who is not declared", () => {
  const roles = [role("late", "md5"), role("stranger", "scram"), role("app", "scram")];
  it("and has no SCRAM verifier, is named and stops phase 2", () => {
    const { refusals, warnings } = judged({ wanted: { phase: 2 }, reached: { phase: 1 }, roles });
    expect(refusals).toEqual([
      'a user of db:5432 would be locked out, having no SCRAM verifier: "late"; declare them among the users, or disable or drop them; `force: true` leaves them behind',
    ]);
    expect(warnings).toEqual([]);
  });

  it("is left behind where it is forced", () => {
    const wanted = { phase: 2, force: true } as const;
    const { refusals, warnings } = judged({ wanted, reached: { phase: 1 }, roles });
    expect(refusals).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/"late".*; they are left behind$/)]);
  });

  it("is named in phase 3, whatever made the hash: a verifier does not tell what the server has seen", () => {
    const { refusals, warnings } = judged({
      wanted: { phase: 3 },
      reached: { phase: 2 },
      roles,
      declared: ["app"],
    });
    expect(refusals).toEqual([]);
    expect(warnings).toEqual([
      'not declared here, so that whether the server has seen the password is not known here: "late", "stranger" of db:5432',
    ]);
  });

  it("and has another spelling on CockroachDB, is declared", () => {
    const found: Found = { database: { product: "cockroachdb", server: "db" }, cluster: null, roles };
    const wanted = { product: "cockroachdb", phase: 3, force: false } as const;
    const declared = ["LATE", "Stranger", "app"];
    expect(judge(wanted, { phase: 2 }, found, declared)).toEqual({ refusals: [], warnings: [] });
  });

  it("cannot be found out without the right to read hashes", () => {
    const hidden = { reached: { phase: 1 }, roles: undefined } as const;
    expect(judged({ wanted: { phase: 2 }, ...hidden }).refusals).toEqual([
      expect.stringMatching(
        /may not read password hashes on db:5432, so that nobody can tell who has no SCRAM/,
      ),
    ]);
    expect(judged({ wanted: { phase: 2, force: true }, ...hidden }).refusals).toEqual([]);
    expect(judged({ wanted: { phase: 3 }, ...hidden, reached: { phase: 2 } }).warnings).toEqual([
      expect.stringMatching(/^who else has a password on db:5432 could not be found out/),
    ]);
  });
});

it("the wrong product is refused, forced or not", () => {
  const wanted = { phase: 1, product: "cockroachdb", force: true } as const;
  expect(judged({ wanted }).refusals).toEqual([expect.stringMatching(/the server at db:5432 is postgresql/)]);
});
