import { describe, expect, it } from "vitest";
import { isSameSetting, parseSettings, settingWords } from "../../../src/database/role-settings";

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
  ])("%s = %s", (name, value, expected) => {
    expect(settingWords(name, value)).toBe(expected);
  });
});

it.each([
  ["search_path", "app, public", 'app,"public"', true],
  ["search_path", "App", "app", true],
  ["search_path", '"App"', "app", false],
  ["search_path", "a, b", "b, a", false],
  ["search_path", "", '""', true],
  ["search_path", "", "app", false],
  ["statement_timeout", "5s", "5000", true],
  ["statement_timeout", "5s", "5 min", false],
  ["lock_timeout", "1h", "60min", true],
  ["application_name", "5s", "5000", false],
  ["jit", "true", "on", true],
  ["jit", "off", "on", false],
  ["work_mem", "4MB", "4MB", true],
  ["work_mem", "4MB", "4096kB", false],
])("%s: %s and %s: %s", (name, a, b, same) => {
  expect(isSameSetting(name, a, b)).toBe(same);
});

it("settings as the catalogue keeps them; a value may hold an equals sign", () => {
  expect(parseSettings(["work_mem=4MB", "application_name=a=b"])).toEqual({
    work_mem: "4MB",
    application_name: "a=b",
  });
  expect(parseSettings(null)).toEqual({});
});
