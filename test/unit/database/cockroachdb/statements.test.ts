import { describe, expect, it } from "vitest";
import * as statements from "../../../../src/database/cockroachdb/statements";

const verifier = "SCRAM-SHA-256$4096:c2FsdA==$a:b";

/** Each statement is a schema change: options and password go together. */
describe("the SQL of a role", () => {
  it.each<[readonly string[], readonly string[]]>([
    [
      statements.createRole("app", { options: { login: true }, verifier }),
      [`CREATE ROLE "app" LOGIN PASSWORD '${verifier}'`],
    ],
    [
      statements.createRole("app", {
        options: { login: true, sqlLogin: false, controlJob: true },
        grant: [{ role: "Readers" }],
        set: { statement_timeout: "5s" },
        verifier,
      }),
      [
        `CREATE ROLE "app" LOGIN NOSQLLOGIN CONTROLJOB PASSWORD '${verifier}'`,
        'GRANT "readers" TO "app"',
        `ALTER ROLE "app" SET "statement_timeout" = '5s'`,
      ],
    ],
    [statements.alterRole("app", {}), []],
    [
      statements.alterRole("app", { options: { validUntil: null }, verifier }),
      [`ALTER ROLE "app" VALID UNTIL NULL PASSWORD '${verifier}'`],
    ],
    [
      statements.alterRole("app", { grant: [{ role: "a" }], revoke: ["b", "c"], set: { search_path: null } }),
      ['GRANT "a" TO "app"', 'REVOKE "b", "c" FROM "app"', 'ALTER ROLE "app" RESET "search_path"'],
    ],
    [[statements.dropRole("app")], ['DROP ROLE IF EXISTS "app"']],
    [
      statements.reassignAndDropOwned("app", "New_owner"),
      ['REASSIGN OWNED BY "app" TO "new_owner"', 'DROP OWNED BY "app"'],
    ],
  ])("%#: %s", (built, expected) => {
    expect(built).toEqual(expected);
  });
});
