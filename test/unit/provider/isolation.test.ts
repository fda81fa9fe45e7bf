import { afterEach, describe, expect, it, vi } from "vitest";
import { isolationProvider } from "../../../src/provider/isolation/isolation";
import { type Props, UNKNOWN } from "../../../src/provider/protocol/wire";
import { check } from "../../support/engine-side";

const provider = isolationProvider();
/** Nothing listens there: what the server would say is left out, and that is said. */
const NOWHERE = "postgresql://admin@127.0.0.1:1/postgres";
const declared = (args: object): Props => ({
  name: "main",
  product: "postgresql",
  text: "host all all all scram-sha-256",
  users: [],
  connection: NOWHERE,
  ...args,
});

const said = vi.spyOn(console, "error").mockImplementation(() => {});
const lines = () => said.mock.calls.flat().join("\n");
afterEach(() => said.mockClear());

/** What is declared in one `up` after another; the last one is what is judged. */
async function checked(...phases: object[]): Promise<Props> {
  let recorded: Props = {};
  for (const args of phases) recorded = await check(provider, recorded, declared(args));
  return recorded;
}

// First: it is said once in a process.
it("where the server does not answer, a preview says that it could not ask it", async () => {
  await checked({ phase: 1 }, { phase: 2 });
  expect(lines()).toMatch(
    /whether this server is one for phase 2 of strict isolation could not be found out: .*nothing listens there/,
  );
});

describe("the order of the phases", () => {
  it.each<[string, number[], RegExp | undefined]>([
    ["one after the other", [1, 2, 3], undefined],
    ["each as long as one likes", [1, 1, 2, 2, 3, 3], undefined],
    ["beginning with the second", [2], /phase 2 cannot be the first: without phase 1/],
    ["beginning with the third", [3], /phase 3 cannot be the first/],
    ["leaving out the second", [1, 3], /phase 3 cannot come after phase 1: before the rules of phase 2/],
    ["back by one", [1, 2, 1], /phase 1 cannot come after phase 2: .* through phase 3 again/],
    ["back by two", [1, 2, 3, 1], /phase 1 cannot come after phase 3/],
  ])("%s", async (_case, phases, refusal) => {
    const outcome = checked(...phases.map((phase) => ({ phase })));
    if (refusal === undefined) expect(await outcome).toMatchObject({ phase: phases.at(-1) });
    else await expect(outcome).rejects.toThrow(refusal);
  });

  it("does not matter when it is forced; that is said", async () => {
    await checked({ phase: 1 }, { phase: 3, force: true });
    expect(lines()).toMatch(/phase 3 cannot come after phase 1: .*; forced/);
  });

  it("is told once for each phase: what it does, and what remains", async () => {
    await checked({ phase: 1 }, { phase: 1 });
    expect(lines().match(/strict isolation, phase/g)).toHaveLength(1);
    said.mockClear();
    await checked({ phase: 1 }, { phase: 2 });
    expect(lines()).toMatch(
      /main: strict isolation, phase 2 of 3 \(enforce: .*\); what remains: phase 3, new/,
    );
  });

  it("waits for a phase that a preview does not know", async () => {
    expect(await checked({ phase: UNKNOWN })).toMatchObject({ phase: UNKNOWN });
  });
});

describe("the rules", () => {
  const root = "host all root all cert-password";
  it.each<[string, string, string, RegExp | undefined]>([
    [
      "postgresql",
      "SCRAM, certificates, sockets, refusals",
      "local all postgres peer\nhostssl all all ::/0 cert\nhost all bad all reject\nhost all all all scram-sha-256",
      undefined,
    ],
    [
      "postgresql",
      "passwords in clear",
      "host all all all scram-sha-256\nhost all old all password",
      /line 2 of the rules \(`host all old all password`\): with the method password a server may see/,
    ],
    ["postgresql", "md5", "host all all all md5", /with the method md5/],
    [
      "postgresql",
      "another server that is asked",
      "host all all all ldap ldapserver=x ldapprefix=y",
      /with the method ldap/,
    ],
    ["postgresql", "nothing that is asked", "local all all trust", /with the method trust/],
    ["cockroachdb", "its root rule, first", `${root}\nhost all all all cert-scram-sha-256`, undefined],
    [
      "cockroachdb",
      "its root rule, and somebody else with it",
      "host all root,app all cert-password",
      /line 1 .*cert-password/,
    ],
    [
      "cockroachdb",
      "its root rule, later",
      `host all all all scram-sha-256\n${root}`,
      /line 2 .*cert-password/,
    ],
    [
      "cockroachdb",
      "certificates or passwords",
      `${root}\nhost all all all cert-password`,
      /line 2 .*cert-password/,
    ],
    [
      "cockroachdb",
      "none, so that it goes by its default",
      "",
      /goes by its default, `host all all all cert-password`/,
    ],
    [
      "cockroachdb",
      "what it cannot read",
      "host all all all nonsense",
      /unknown auth method nonsense\) and uses its default/,
    ],
    [
      "postgresql",
      "those of another file",
      "include more.conf\nhost all all all scram-sha-256",
      /line 1 of the rules \(`include more.conf`\): what the file holds is not known/,
    ],
    ["postgresql", "what it does not load", "host all bogus", /PostgreSQL does not load this text/],
  ])("%s: %s", async (product, _case, text, refusal) => {
    const outcome = checked({ phase: 1, product, text });
    if (refusal === undefined) expect(await outcome).toMatchObject({ phase: 1 });
    else await expect(outcome).rejects.toThrow(refusal);
  });

  it.each<[string, object, RegExp]>([
    [
      "a method",
      { text: "host all bob all md5" },
      /^: line 1 of the rules \(not shown, .*\): with its method a/,
    ],
    [
      "another file",
      { text: "include bob.conf" },
      /line 1 of the rules \(not shown, .*\): what the file holds/,
    ],
    ["what the server does not load", { text: "host all bob" }, /the server would not go by the rules \(not/],
    ["a mistake", { text: "host all bob 10.0.0.1/8 scram-sha-256 bob=1" }, /not shown/],
    [
      "typed rules",
      { text: undefined, rules: [{ type: "host", user: "bob", address: "bob", method: "bob" }] },
      /the rules are refused \(not shown why/,
    ],
  ])("marked as secret, are not shown for %s", async (_case, rules, refusal) => {
    const args = JSON.parse(JSON.stringify(declared({ phase: 1, secretRules: true, ...rules })));
    const refused = check(provider, {}, args).catch((error: Error) => error.message);
    expect(await refused).toMatch(refusal);
    expect(await refused).not.toMatch(/bob/);
  });

  it("that hold a password are not shown either", async () => {
    const text = "host all all all ldap ldapserver=x ldapbinddn=bob ldapbindpasswd=bobs ldapbasedn=y";
    const refused = checked({ phase: 1, text }).catch((error: Error) => error.message);
    expect(await refused).toMatch(/line 1 of the rules \(not shown/);
    expect(await refused).not.toMatch(/bob/);
  });

  it.each([1, 2, 3])(
    "that the server refuses are refused in phase %i, as an HbaConfig does",
    async (phase) => {
      const before = Array.from({ length: phase - 1 }, (_, i) => ({ phase: i + 1 }));
      const wrong = { phase, text: "host all all 10.0.0.1/99 scram-sha-256" };
      await expect(checked(...before, wrong)).rejects.toThrow(/10.0.0.1\/99/);
      const option = { phase, text: "host all all all scram-sha-256 map=x" };
      await expect(checked(...before, option)).rejects.toThrow(/map/);
    },
  );

  it("are not recorded, nor are the users", async () => {
    expect(await checked({ phase: 1, users: ["app"] })).toEqual({
      product: "postgresql",
      phase: 1,
      connection: expect.anything(),
    });
  });
});

it.each<[object, RegExp]>([
  [{ phase: 4 }, /phase must be one of 1, 2, 3/],
  [{ phase: "1" }, /phase must be one of 1, 2, 3/],
  [{ phase: 1, product: "mysql" }, /product must be cockroachdb or postgresql/],
  [{ phase: 1, product: undefined }, /product is missing/],
  [{}, /phase is missing/],
  [{ phase: 1, force: "yes" }, /force must be true or false/],
  [{ phase: 1, pahse: 2 }, /pahse is not an argument/],
])("%j is refused", async (args, message) => {
  await expect(checked(args)).rejects.toThrow(message);
});
