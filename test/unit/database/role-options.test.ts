import { expect, it } from "vitest";
import {
  changedOptions,
  hasOption,
  initialOptions,
  OPTION_NAMES,
  OPTIONS,
  optionWords,
  type RoleOptions,
} from "../../../src/database/contract/role-options";

const role: RoleOptions = { login: true, validUntil: "2027-01-31T00:00:00Z", connectionLimit: 5 };

it.each<[string, RoleOptions, RoleOptions]>([
  ["nothing", role, {}],
  ["the same instant in another spelling", { ...role, validUntil: "2027-01-31T01:00:00.000+01:00" }, {}],
  ["login", { ...role, login: false }, { login: false }],
  ["no expiry any more", { ...role, validUntil: null }, { validUntil: null }],
  ["another expiry", { ...role, validUntil: "2028-01-31T00:00:00Z" }, { validUntil: "2028-01-31T00:00:00Z" }],
  ["a limit", { ...role, connectionLimit: -1 }, { connectionLimit: -1 }],
  ["an option that was not known", { ...role, createDb: false }, { createDb: false }],
])("only what differs is changed: %s", (_what, after, expected) => {
  expect(changedOptions(role, after)).toEqual(expected);
});

it.each(["postgresql", "cockroachdb"] as const)("%s: CREATE ROLE's own options are no change", (product) => {
  expect(changedOptions(initialOptions(product), initialOptions(product))).toEqual({});
  expect(Object.keys(initialOptions(product))).toEqual(
    OPTION_NAMES.filter((name) => hasOption(product, name)),
  );
});

it("every option is spelt in the table's order, whatever the order it is given in", () => {
  const spelt = optionWords(
    { connectionLimit: 3, createDb: false, validUntil: null, login: true },
    (instant) => instant ?? "NEVER",
  );
  expect(spelt).toBe(" LOGIN VALID UNTIL NEVER NOCREATEDB CONNECTION LIMIT 3");
});

it("no option makes a superuser", () => {
  expect(Object.values(OPTIONS).map(({ word }) => word)).not.toContain("SUPERUSER");
});
