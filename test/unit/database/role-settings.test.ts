import { describe, expect, it } from "vitest";
import { isSameSetting, parseSettings, settingWords } from "../../../src/database/contract/role-settings";

describe("the SQL of a setting", () => {
  it.each([
    ["statement_timeout", "5s", ` SET "statement_timeout" = '5s'`],
    ["work_mem", null, ` RESET "work_mem"`],
    ["application_name", "it's, here", ` SET "application_name" = 'it''s, here'`],
    ["application_name", "a\\b", ` SET "application_name" = E'a\\\\b'`],
    // A list goes name by name; as one text it would be one name with a comma in it.
    ["search_path", '"$user", public', ` SET "search_path" = '$user', 'public'`],
    ["search_path", 'App,"Two words"', ` SET "search_path" = 'app', 'Two words'`],
    ["search_path", "", ` SET "search_path" = ''`],
    ["myapp.tenant", "7", ` SET "myapp"."tenant" = '7'`],
    ["myapp.tenant.id", "7", ` SET "myapp"."tenant"."id" = '7'`],
    ["session_preload_libraries", "$libdir/My, b", ` SET "session_preload_libraries" = '$libdir/My', 'b'`],
  ])("%s = %s", (name, value, expected) => {
    expect(settingWords(name, value)).toBe(expected);
  });
});

describe.each(["postgresql", "cockroachdb"] as const)("the same to %s", (product) => {
  const isCockroach = product === "cockroachdb";
  it.each([
    ["search_path", "app, public", 'app,"public"', true],
    ["search_path", "App", "app", true],
    ["search_path", '"App"', "app", false],
    ["search_path", "a, b", "b, a", false],
    ["search_path", "", '""', true],
    ["search_path", "", "app", false],
    ["session_preload_libraries", "$libdir/My", "$libdir/my", false],
    ["work_mem", "4MB", "4MB", true],
    ["work_mem", "4MB", "4096kB", false],
    // Respelt by the one, kept as it is given by the other.
    ["statement_timeout", "5s", "5000", isCockroach],
    ["lock_timeout", "1h", "60min", isCockroach],
    ["jit", "true", "on", isCockroach],
    ["statement_timeout", "5s", "5 min", false],
    ["jit", "off", "on", false],
    // An application's own text, which nobody respells.
    ["application_name", "5s", "5000", false],
    ["application_name", "yes", "on", false],
    ["app.flag", "true", "on", false],
    ["app.idle_timeout", "1000", "1s", false],
  ])("%s: %s and %s: %s", (name, a, b, same) => {
    expect(isSameSetting(product, name, a, b)).toBe(same);
  });
});

it("settings as the catalogue keeps them; a value may hold an equals sign", () => {
  expect(parseSettings(["work_mem=4MB", "application_name=a=b"])).toEqual({
    work_mem: "4MB",
    application_name: "a=b",
  });
  expect(parseSettings(null)).toEqual({});
});
