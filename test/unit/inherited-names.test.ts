import { describe, expect, it, vi } from "vitest";
import { resolveTarget } from "../../src/database/connection/parameters/target";
import { lintHba, parseHbaLeniently, renderRules } from "../../src/hba";
import { hba, settings, user, userSet } from "../../src/provider";
import type { Json, Props, Provider } from "../../src/provider/protocol/wire";
import { cli } from "../support/cli";

/**
 * Every object of JavaScript inherits these: who looks a name that is given up in a table must not find them there. They are no
 * arguments, and ordinary names of roles and settings.
 */
const INHERITED = Object.getOwnPropertyNames(Object.prototype);

vi.mock("../../src/database/open", () => ({ openDatabase: vi.fn().mockRejectedValue(new Error("asked")) }));

/** An object that has it as its own, as JSON can. */
const own = (name: string, value: Json): Props => Object.fromEntries([[name, value]]);

const refusals = async (provider: Provider, args: object): Promise<string> =>
  ((await provider.check({}, args as Props)).failures ?? []).map(({ reason }) => reason).join("\n");

const USER = { username: "app", password: "pw" };
const RULE = { type: "host", user: "app", address: "all", method: "reject" };
const POSTGRESQL = { product: "postgresql" };

describe.each(INHERITED)("%s is no", (name) => {
  it.each<[string, Provider, object, string]>([
    [
      "argument of a user",
      user,
      { ...USER, ...own(name, true) },
      `${name} is not an argument of a ScramUser`,
    ],
    [
      "argument of a set",
      userSet,
      { users: {}, ...own(name, true) },
      `${name} is not an argument of a ScramUserSet`,
    ],
    [
      "argument of a user of a set",
      userSet,
      { users: { app: { password: "pw", ...own(name, true) } } },
      `users.app: ${name} is not an argument`,
    ],
    ["default", userSet, { users: {}, defaults: own(name, true) }, `defaults.${name} is not an argument`],
    [
      "setting of a server",
      settings,
      { ...POSTGRESQL, ...own(name, 1) },
      `${name} is not an argument of an AuthSettings of postgresql`,
    ],
    [
      "argument of rules",
      hba,
      { ...POSTGRESQL, text: "local all all peer", ...own(name, true) },
      `${name} is not an argument of an HbaConfig`,
    ],
    [
      "part of a rule",
      hba,
      { ...POSTGRESQL, rules: [{ ...RULE, ...own(name, "x") }] },
      `${name} is not part of a rule`,
    ],
    [
      "kind of a name",
      hba,
      { ...POSTGRESQL, rules: [{ ...RULE, user: own(name, "x") }] },
      "user must be a name",
    ],
    [
      "method",
      hba,
      { ...POSTGRESQL, rules: [{ ...RULE, method: name }] },
      `invalid authentication method "${name}"`,
    ],
    [
      "method of CockroachDB",
      hba,
      { product: "cockroachdb", rules: [{ ...RULE, method: name }] },
      `unknown auth method "${name}"`,
    ],
    ["connection type", hba, { ...POSTGRESQL, rules: [{ ...RULE, type: name }] }, "type must be one of"],
    [
      "option of a method",
      hba,
      { ...POSTGRESQL, rules: [{ ...RULE, options: own(name, "x") }] },
      `unrecognized authentication option name: "${name}"`,
    ],
    ["choice", hba, { ...POSTGRESQL, text: "local all all peer", guard: name }, "guard must be"],
    ["product", hba, { product: name, text: "local all all peer" }, "product must be"],
    ["product with settings", settings, { product: name }, "product must be"],
    ["encryption", settings, { ...POSTGRESQL, passwordEncryption: name }, "passwordEncryption must be"],
    ["part of a connection", user, { ...USER, connection: own(name, "x") }, `has no part "${name}"`],
    [
      "parameter of a URL",
      user,
      { ...USER, connection: `postgresql://db?${name}=x` },
      `has no parameter "${name}"`,
    ],
    ["sslmode", user, { ...USER, connection: { sslmode: name } }, `sslmode cannot be "${name}"`],
  ])("%s", async (_what, provider, args, refusal) => {
    expect(await refusals(provider, args)).toContain(refusal);
  });

  it("environment variable of libpq's", () => {
    expect(resolveTarget({ user: "app" }, {})).toEqual(
      resolveTarget({ user: "app" }, own(name, "x") as never),
    );
  });

  it.each([
    ["option of the command", ["users", `--${name}`]],
    ["format", ["hash", "--format", name, "--user", "app"]],
    ["severity", ["hba", "lint", "--fail-on", name]],
    ["product of the command", ["hba", "lint", "--product", name]],
    ["command", [name]],
  ])("%s", async (_what, args) => {
    const { status, err } = await cli(args, { input: "pw" });
    expect([status, err]).toEqual([
      2,
      expect.stringMatching(/unknown (option|command)|Allowed choices|is invalid/),
    ]);
  });

  it("surprise in a text of rules", () => {
    const quoted = JSON.stringify(name);
    for (const word of [name, quoted, `+${name}`, `@${name}`, `/[[:${name}:]]`, `/${name}{2}`]) {
      for (const product of ["postgresql", "cockroachdb"] as const) {
        const line = (column: number) =>
          ["host", "all", "all", "all", "reject", "map=x"].map((c, i) => (i === column ? word : c)).join(" ");
        const text = [0, 1, 2, 3, 4, 5].map(line).join("\n");
        expect(parseHbaLeniently(text, product).lines).toHaveLength(6);
        expect(() => lintHba(text, product)).not.toThrow();
      }
    }
    const rules = [{ ...RULE, user: name, database: name } as never];
    expect(renderRules(rules, "postgresql")).toBe(`host ${name} ${name} all reject\n`);
  });
});

describe.each(INHERITED)("%s is a name like others", (name) => {
  it("of a user in a set, recorded with the others", async () => {
    const users = { app: { password: "pw" }, ...own(name, { password: "pw" }) };
    const { inputs = {}, failures } = await userSet.check({}, { users } as Props);
    expect(failures).toBeUndefined();
    expect(Object.keys(inputs.users ?? {})).toEqual(["app", name]);
    const again = await userSet.check(inputs, { users } as Props);
    expect(Object.keys(again.inputs?.users ?? {})).toEqual(["app", name]);
  });

  it("of a user, a group, a new owner and a setting", async () => {
    const args = {
      password: "pw",
      username: name,
      memberOf: ["g"],
      reassignOwnedTo: "h",
      settings: own(name, "x"),
    };
    const { inputs = {}, failures } = await user.check({}, args);
    expect(failures).toBeUndefined();
    expect(Object.entries(inputs.settings ?? {})).toEqual([[name, "x"]]);
  });
});
