import { describe, expect, it } from "vitest";
import { type Json, type Props, UNKNOWN } from "../../../src/provider/protocol/wire";
import { userSetProvider } from "../../../src/provider/user-set/user-set";

const failures = async (args: Props) => {
  const { failures = [] } = await userSetProvider().check({}, args);
  return failures.map(({ property, reason }) => `${property}: ${reason}`);
};

/** As the resource class hands them over: the defaults are in each user as well. */
const many = (defaults: Props): Json =>
  Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [`user${i}`, { ...defaults, password: "a long password" }]),
  );

describe("a mistake in the defaults of 300 users is told once, where it was made", () => {
  it.each<[string, Props, RegExp]>([
    [
      "a misspelt key",
      { minLenght: 8 },
      /^: defaults.minLenght is not an argument of a user of a set; it takes /,
    ],
    ["a value of the wrong type", { minLength: "8" }, /^: defaults.minLength must be a whole number from 1/],
    [
      "a word that is none",
      { onDelete: "keep" },
      /^: defaults.onDelete must be one of drop, disable, retain/,
    ],
    [
      "a setting's value, which is not repeated",
      { settings: { "app.key": null } },
      /^: defaults.settings must/,
    ],
  ])("%s", async (_case, defaults, sentence) => {
    expect(await failures({ defaults, users: many(defaults) })).toEqual([expect.stringMatching(sentence)]);
  });

  it("two mistakes twice", async () => {
    const defaults = { createDB: true, connectionLimit: "x" };
    expect(await failures({ defaults, users: many(defaults) })).toHaveLength(2);
  });
});

it("what only goes wrong together is for the users to decide", async () => {
  const defaults = { onDelete: "retain", reassignOwnedTo: "new_owner" };
  const own = { password: "pw", onDelete: "drop" };
  expect(await failures({ defaults, users: { app: { ...defaults, ...own } } })).toEqual([]);
  expect(await failures({ defaults: { minLength: UNKNOWN }, users: { app: own } })).toEqual([]);
});

it("what a user of a set takes is listed without what the set gives, and defaults without passwords", async () => {
  const takes = (text = "") => text.split("it takes ")[1]?.split(", ");
  const [ofUser] = await failures({ users: { app: { pasword: "pw" } } });
  const [ofDefaults] = await failures({ defaults: { pasword: "pw" }, users: {} });

  expect(ofUser).toMatch(/^: users.app: pasword is not an argument of a user of a set; it takes password, /);
  for (const name of ["username", "connection", "owner"]) expect(takes(ofUser)).not.toContain(name);
  expect(takes(ofDefaults)).toContain("minLength");
  for (const name of ["username", "password", "verifier"]) expect(takes(ofDefaults)).not.toContain(name);
});
