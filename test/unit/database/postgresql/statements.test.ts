import { describe, expect, it } from "vitest";
import * as statements from "../../../../src/database/postgresql/statements";

const verifier = "SCRAM-SHA-256$4096:c2FsdA==$a:b";

describe("the SQL of a role", () => {
  it.each<[readonly string[], readonly string[]]>([
    [statements.createRole("app", { options: { login: true }, verifier }), ['CREATE ROLE "app" LOGIN']],
    [
      statements.createRole("app", { options: { login: false, inherit: true }, verifier }),
      ['CREATE ROLE "app"'],
    ],
    [
      statements.createRole("app", {
        options: { login: true, validUntil: "2027-01-31T00:00:00Z" },
        verifier,
      }),
      [`CREATE ROLE "app" LOGIN VALID UNTIL '2027-01-31T00:00:00Z'`],
    ],
    [statements.createRole('we"ird; DROP', { verifier }), ['CREATE ROLE "we""ird; DROP"']],
    [
      statements.createRole("app", {
        options: { createDb: true, inherit: false, connectionLimit: 3 },
        grant: [{ role: "readers" }, { role: 'Wri"ters' }],
        set: { statement_timeout: "5s", search_path: "app, public" },
        verifier,
      }),
      ['CREATE ROLE "app" CREATEDB NOINHERIT CONNECTION LIMIT 3', 'GRANT "readers", "Wri""ters" TO "app"'],
    ],
    [
      statements.setSettings("app", { statement_timeout: "5s", search_path: "app, public", work_mem: null }),
      [
        `ALTER ROLE "app" SET "statement_timeout" = '5s'`,
        `ALTER ROLE "app" SET "search_path" = 'app', 'public'`,
        'ALTER ROLE "app" RESET "work_mem"',
      ],
    ],
    [statements.alterRole("app", {}), []],
    [statements.alterRole("app", { verifier }), []],
    [statements.alterRole("app", { options: { login: false } }), ['ALTER ROLE "app" NOLOGIN']],
    [
      statements.alterRole("app", { options: { validUntil: null } }),
      [`ALTER ROLE "app" VALID UNTIL 'infinity'`],
    ],
    [
      statements.alterRole("app", { rename: "shop", options: { createDb: false }, set: { work_mem: null } }),
      ['ALTER ROLE "app" RENAME TO "shop"', 'ALTER ROLE "shop" NOCREATEDB'],
    ],
    [
      [statements.revoke("app", { role: "readers", grantor: "admin" })],
      ['REVOKE "readers" FROM "app" GRANTED BY "admin"'],
    ],
    [[statements.setPassword("app", verifier)], [`ALTER ROLE "app" PASSWORD '${verifier}'`]],
    [[statements.setPassword("app", "it's\\")], [`ALTER ROLE "app" PASSWORD  E'it''s\\\\'`]],
    [[statements.dropRole("app")], ['DROP ROLE IF EXISTS "app"']],
    [
      statements.reassignAndDropOwned("app", "new_owner"),
      ['REASSIGN OWNED BY "app" TO "new_owner"', 'DROP OWNED BY "app"'],
    ],
  ])("%#: %s", (built, expected) => {
    expect(built).toEqual(expected);
  });
});
