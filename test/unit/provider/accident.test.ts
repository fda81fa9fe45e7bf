import { afterEach, describe, expect, it, vi } from "vitest";
import type { Props } from "../../../src/provider/protocol/wire";
import { userProvider } from "../../../src/provider/user/user";
import { check } from "../../support/engine-side";

/** Values that no program means: what is left of a variable that was not set, or of an object in the wrong place. */
const provider = userProvider();
const said = vi.spyOn(console, "error").mockImplementation(() => {});
const lines = () => said.mock.calls.flat().join("\n");
afterEach(() => said.mockClear());
const declared = (args: Props) => check(provider, {}, { username: "app", password: "pw", ...args });

describe("refused in the preview", () => {
  it.each<[string, Props]>([
    ...["undefined", "null", "NaN", "[object Object]", "[object Promise]"].map((word): [string, Props] => [
      word,
      { password: word },
    ]),
    ...[`${"$"}{DB_PASSWORD}`, "$(DB_PASSWORD)", "{{ db.password }}", "%DB_PASSWORD%"].map(
      (word): [string, Props] => [word, { password: word }],
    ),
    ...[" ", " \t\n", "\u00a0", "\u00ad\u200b"].map((blank): [string, Props] => [
      JSON.stringify(blank),
      { password: blank },
    ]),
    ["a name of a variable", { username: "undefined" }],
    ["a name that is blank", { username: "  " }],
    ["a name that does not show", { username: "\u200b\u2060" }],
    ["a group", { memberOf: ["readers", "[object Object]"] }],
    ["a new owner", { reassignOwnedTo: "undefined" }],
    ["a rotationKey", { rotationKey: "undefined" }],
    ["a setting", { settings: { search_path: "undefined" } }],
  ])("%s", async (_case, args) => {
    const refused = declared(args);
    await expect(refused).rejects.toThrow(/is blank|where the program gets it/);
    // The user's name is shown, a value never.
    if (typeof args.password === "string" && args.password.trim() !== "")
      await expect(refused).rejects.not.toThrow(args.password);
  });

  it.each(["infinity", "never", "2027-01-31"])("validUntil %s: how one writes never", async (validUntil) => {
    await expect(declared({ validUntil })).rejects.toThrow(/for a password that never expires, leave it out/);
  });
});

it.each<Props>([
  { username: "null" },
  { username: `${"$"}{app}` },
  { password: "undefined behaviour" },
  { password: "$ecret{1}" },
  { password: "100%_sure%" },
  { settings: { application_name: "" } },
])("taken, for somebody may mean it: %j", async (args) => {
  await declared(args);
  expect(lines()).toBe("");
});

it("a validUntil in the past is told when it is declared, and not again", async () => {
  const args = { validUntil: "2020-01-01T00:00:00Z" };
  const recorded = await declared(args);
  expect(lines()).toBe(
    'warning: user "app": validUntil 2020-01-01T00:00:00Z has passed, so the user cannot log in with the password',
  );
  said.mockClear();

  await check(provider, recorded, { username: "app", password: "pw", ...args });
  await declared({ ...args, login: false });
  expect(lines()).toBe("");
});

it("a password that ends with a line end is told", async () => {
  await declared({ password: "pw\n" });
  expect(lines()).toContain(
    'user "app": the password ends with a line end, as a file does that is read whole',
  );
});
