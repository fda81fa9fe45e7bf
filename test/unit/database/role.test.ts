import { expect, it } from "vitest";
import { changedOptions, type RoleOptions } from "../../../src/database/role";

const role: RoleOptions = { login: true, validUntil: "2027-01-31T00:00:00Z" };

it.each([
  ["nothing", role, {}],
  ["the same instant in another spelling", { ...role, validUntil: "2027-01-31T01:00:00.000+01:00" }, {}],
  ["login", { ...role, login: false }, { login: false }],
  ["no expiry any more", { ...role, validUntil: null }, { validUntil: null }],
  ["another expiry", { ...role, validUntil: "2028-01-31T00:00:00Z" }, { validUntil: "2028-01-31T00:00:00Z" }],
])("only what differs is changed: %s", (_what, after, expected) => {
  expect(changedOptions(role, after)).toEqual(expected);
});
