import { describe, expect, it } from "vitest";
import { resolveTarget } from "../../src/database/connection/parameters/target";
import { renderRules } from "../../src/hba";
import { hba, user, userSet } from "../../src/provider";
import type { Props, Provider } from "../../src/provider/protocol/wire";

/** What is no text for a server: it would be cut off there, or become another one on the way. */
const ILL_FORMED = [
  ["NUL", "Canary\0x", "has a NUL character in it, which servers take for the end of a text"],
  ["half of a surrogate pair", "Canary\ud83d", "has half of a surrogate pair in it, which is no character"],
  ["the other half", "Canary\ude00x", "has half of a surrogate pair in it, which is no character"],
] as const;

const USER = { username: "app", password: "pw" };
const RULE = { type: "host", user: "app", address: "all", method: "reject" };
const PRODUCTS = ["postgresql", "cockroachdb"] as const;

const refusals = async (provider: Provider, args: object): Promise<string[]> =>
  ((await provider.check({}, args as Props)).failures ?? []).map(({ reason }) => reason);

describe.each(ILL_FORMED)("%s", (_what, text, problem) => {
  it.each<[string, Provider, object, string]>([
    ["username", user, { ...USER, username: text }, "username"],
    ["memberOf", user, { ...USER, memberOf: ["g", text] }, "memberOf"],
    ["reassignOwnedTo", user, { ...USER, reassignOwnedTo: text }, "reassignOwnedTo"],
    [
      "the value of a setting",
      user,
      { ...USER, settings: { work_mem: text } },
      'settings gives a value for "work_mem" that',
    ],
    [
      "a user of a set",
      userSet,
      { users: { app: { password: "pw", memberOf: [text] } } },
      "users.app: memberOf",
    ],
    ["a default", userSet, { users: {}, defaults: { memberOf: [text] } }, "defaults.memberOf"],
    [
      "a part of a connection",
      user,
      { ...USER, connection: { host: "db", user: text } },
      "connection is refused: the database connection's user",
    ],
    [
      "a connection's password",
      user,
      { ...USER, connection: { host: "db", password: text } },
      "connection is refused: the database connection's password",
    ],
    ...PRODUCTS.flatMap((product): [string, Provider, object, string][] => [
      [`a text of rules (${product})`, hba, { product, text: `local all all peer # ${text}` }, "text"],
      ...(["user", "address", "comment"] as const).map((part): [string, Provider, object, string] => [
        `${part} of a rule (${product})`,
        hba,
        { product, rules: [{ ...RULE, [part]: text }] },
        `Rule 1: ${part}`,
      ]),
      [
        `one of several users (${product})`,
        hba,
        { product, rules: [{ ...RULE, user: ["a", { name: text }] }] },
        "Rule 1: user",
      ],
      [
        `an option (${product})`,
        hba,
        { product, rules: [{ ...RULE, options: { map: text } }] },
        "Rule 1: options",
      ],
    ]),
  ])("in %s is refused in the preview", async (_where, provider, args, where) => {
    const [reason, ...others] = await refusals(provider, args);
    expect(reason?.replace(/; remove it$/, "")).toBe(`${where} ${problem}`);
    expect(others).toEqual([]);
  });

  it("in a setting's name is none", async () => {
    expect((await refusals(user, { ...USER, settings: { [text]: "x" } })).join()).toMatch(
      /^settings names ".*", which cannot be/,
    );
  });

  it("in a user's name, in a set", async () => {
    const [reason = ""] = await refusals(userSet, { users: { [text]: { password: "pw" } } });
    expect(reason).toContain(`: username ${problem}`);
  });

  it("in rules that are written by themselves", () => {
    expect(() => renderRules([{ ...RULE, user: text } as never], "postgresql")).toThrow(
      `Rule 1: user ${problem}`,
    );
  });
});

it("a password is hashed as it is, or not at all", async () => {
  const [reason] = await refusals(user, { ...USER, password: "Canary\ud83d" });
  expect(reason).toBe("password has half of a surrogate pair in it, which is no character");
});

it.each(["user", "password", "dbname", "host", "options", "application_name"])(
  "a URL cannot smuggle a parameter in behind a NUL of its %s",
  (name) => {
    const url =
      {
        user: "postgresql://app%00replication@db/x",
        password: "postgresql://app:Canary%00x@db/x",
        dbname: "postgresql://app@db/x%00replication",
        host: "postgresql://app@db%00/x",
      }[name] ?? `postgresql://app@db/x?${name}=a%00replication%00database`;
    expect(() => resolveTarget(url)).toThrow(
      `the database connection's ${name} has a NUL character in it, which servers take for the end of a text`,
    );
  },
);

it.each(["😀", "a\u0301", "日本", "\u{10ffff}"])("%s is well-formed", async (text) => {
  expect(
    await refusals(user, { ...USER, username: text, memberOf: [`${text}g`], settings: { a: text } }),
  ).toEqual([]);
});
