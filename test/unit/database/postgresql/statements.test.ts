import { describe, expect, it } from "vitest";
import * as statements from "../../../../src/database/postgresql/statements";

const verifier = "SCRAM-SHA-256$4096:c2FsdA==$a:b";

describe("the SQL of a role", () => {
  it.each([
    [statements.createRole("app", { login: true, validUntil: null }), 'CREATE ROLE "app" LOGIN'],
    [statements.createRole("app", { login: false, validUntil: null }), 'CREATE ROLE "app"'],
    [
      statements.createRole("app", { login: true, validUntil: "2027-01-31T00:00:00Z" }),
      `CREATE ROLE "app" LOGIN VALID UNTIL '2027-01-31T00:00:00Z'`,
    ],
    [
      statements.createRole('we"ird; DROP', { login: true, validUntil: null }),
      'CREATE ROLE "we""ird; DROP" LOGIN',
    ],
    [statements.alterRole("app", {}), undefined],
    [statements.alterRole("app", { verifier }), undefined],
    [statements.alterRole("app", { login: false }), 'ALTER ROLE "app" NOLOGIN'],
    [statements.alterRole("app", { validUntil: null }), `ALTER ROLE "app" VALID UNTIL 'infinity'`],
    [statements.setPassword("app", verifier), `ALTER ROLE "app" PASSWORD '${verifier}'`],
    [statements.setPassword("app", "it's\\"), `ALTER ROLE "app" PASSWORD  E'it''s\\\\'`],
    [statements.dropRole("app"), 'DROP ROLE IF EXISTS "app"'],
  ])("%#: %s", (built, expected) => {
    expect(built).toBe(expected);
  });
});
