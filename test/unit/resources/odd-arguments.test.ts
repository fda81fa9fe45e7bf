import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import type { Props } from "../../../src/provider/protocol/wire";
import { userProvider } from "../../../src/provider/user/user";
import { userSetProvider } from "../../../src/provider/user-set/user-set";
import { AuthSettings } from "../../../src/resources/auth-settings";
import { HbaConfig } from "../../../src/resources/hba-config";
import { Provider } from "../../../src/resources/provider";
import { ScramUser } from "../../../src/resources/scram-user";
import { ScramUserSet } from "../../../src/resources/scram-user-set";
import { check, unwrap } from "../../support/engine-side";

/** What the SDK would send to the engine, secrets in plain. */
let registered: Props;
beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: ({ inputs, name }) => {
      registered = unwrap(inputs);
      return { id: name, state: inputs };
    },
    call: ({ inputs }) => inputs,
  }),
);

/** As a program in JavaScript would, which no compiler corrects. */
async function register(
  type: typeof ScramUser | typeof ScramUserSet | typeof Provider,
  args: unknown,
): Promise<Props> {
  const resource = new type("odd", args as never);
  await new Promise((resolve) => resource.urn.apply(resolve));
  return registered;
}

describe("what a compiler would have refused, the provider refuses in a sentence", () => {
  it.each<[string, unknown, RegExp]>([
    ["no arguments", undefined, /password is missing/],
    ["no password", {}, /password is missing/],
    [
      "a name out of Object's own",
      { toString: "x", password: "pw" },
      /toString is not an argument of a ScramUser/,
    ],
  ])("ScramUser, %s", async (_case, args, sentence) => {
    const inputs = await register(ScramUser, args);
    await expect(check(userProvider(), {}, inputs)).rejects.toThrow(sentence);
  });

  it.each<[string, unknown, RegExp]>([
    ["no arguments", undefined, /users must be an object/],
    ["no users", {}, /users must be an object/],
    ["a misspelt argument", { usrs: {} }, /usrs is not an argument of a ScramUserSet/],
    ["a list", { users: ["app"] }, /users must be an object/],
    ["a user that is null", { users: { app: null } }, /users.app must be an object/],
    ["a user that is text", { users: { app: "pw" } }, /users.app must be an object/],
    ["a user that is a list", { users: { app: ["pw"] } }, /users.app must be an object/],
  ])("ScramUserSet, %s", async (_case, args, sentence) => {
    const inputs = await register(ScramUserSet, args);
    await expect(check(userSetProvider(), {}, inputs)).rejects.toThrow(sentence);
  });

  it.each<[string, unknown, RegExp]>([
    ["no arguments", undefined, /^: the Provider's connection is empty; give it a PostgreSQL URL/],
    ["undefined", { connection: undefined }, /^: the Provider's connection is empty/],
    ["null", { connection: null }, /^: the Provider's connection is empty/],
    ["empty text, as of an unset variable", { connection: "" }, /^: the Provider's connection is empty/],
    ["no parts", { connection: { host: undefined } }, /^: the Provider's connection is empty/],
    ["a number", { connection: 5 }, /^: the Provider's connection is refused: .* not a PostgreSQL URL/],
    ["a list", { connection: ["h"] }, /^: the Provider's connection is refused: .* not a PostgreSQL URL/],
    ["a misspelt part", { connection: { host: "h", prt: 1 } }, /^: the Provider's .* has no part "prt"/],
  ])("Provider, %s", async (_case, args, sentence) => {
    const given = await register(Provider, args);
    const provider = userProvider();
    provider.configure({ config: { get: (key) => given[key] as string | undefined } });
    await expect(check(provider, {}, { username: "app", password: "pw" })).rejects.toThrow(sentence);
  });
});

describe("what Pulumi's SDK would lose without a word never gets there", () => {
  const HALF = "pass\ud83d";
  const proto = (value: unknown) => JSON.parse(`{"username":"app","__proto__":${JSON.stringify(value)}}`);

  it.each<[string, () => unknown, string]>([
    [
      "half an emoji in a password",
      () => new ScramUser("a", { password: HALF }),
      'ScramUser "a": password has half',
    ],
    [
      "in a name",
      () => new ScramUser("a", { username: HALF, password: "x" }),
      'ScramUser "a": username has half',
    ],
    [
      "in a list",
      () => new ScramUser("a", { password: "x", memberOf: ["g", HALF] }),
      'ScramUser "a": memberOf.1 has half',
    ],
    [
      "of a user in a set",
      () => new ScramUserSet("s", { users: { app: { password: HALF } } }),
      'ScramUserSet "s": users.app.password has half',
    ],
    [
      "in the name of one",
      () => new ScramUserSet("s", { users: { [HALF]: { password: "x" } } }),
      'ScramUserSet "s": users.pass\\u{d83d} has half',
    ],
    [
      "in a connection",
      () => new Provider("p", { connection: { user: HALF } }),
      'Provider "p": connection.user has half',
    ],
    [
      "in rules",
      () => new HbaConfig("h", { product: "postgresql", text: `# ${HALF}` }),
      'HbaConfig "h": text has half of a surrogate pair in it, which is no character',
    ],
    [
      "in settings",
      () => new AuthSettings("a", { product: "postgresql", passwordEncryption: HALF as "md5" }),
      'AuthSettings "a": passwordEncryption has half',
    ],
    [
      "arguments under __proto__, which would become the resource's own",
      () => new ScramUser("a", proto({ adopt: true, onDelete: "retain" })),
      'ScramUser "a": __proto__ cannot be passed on by Pulumi',
    ],
    [
      "a user of that name, who would vanish",
      () => new ScramUserSet("s", { users: proto({ password: "x" }) }),
      'ScramUserSet "s": users.__proto__ cannot be passed on by Pulumi',
    ],
  ])("%s", (_case, create, sentence) => {
    expect(create).toThrow(sentence);
    expect(create).toThrow(pulumi.RunError);
    expect(create).not.toThrow("pass\ud83d");
  });

  it("the rest arrives as it was given: outputs, secrets, what is unknown to us", async () => {
    const inputs = await register(ScramUser, {
      username: pulumi.output("app"),
      password: pulumi.secret("pw😀"),
      settings: Promise.resolve({ work_mem: pulumi.output("4MB") }),
      memberOf: ["a", pulumi.output("b")],
    });
    expect(inputs).toMatchObject({
      username: "app",
      password: "pw😀",
      settings: { work_mem: "4MB" },
      memberOf: ["a", "b"],
    });
  });
});

describe("an Output that was used as a string", () => {
  const asText = () => `${pulumi.output("pw")}`;

  it.each<[string, () => unknown, string]>([
    ["a password", () => new ScramUser("a", { password: asText() }), 'ScramUser "a": password holds'],
    [
      "of a user in a set",
      () => new ScramUserSet("s", { users: { app: { password: asText() } } }),
      'ScramUserSet "s": users.app.password holds',
    ],
    [
      "in a connection",
      () => new Provider("p", { connection: `postgresql://admin:${asText()}@db` }),
      'Provider "p": connection holds',
    ],
    [
      "in rules",
      () => new HbaConfig("h", { product: "postgresql", text: `host all ${asText()} all reject` }),
      'HbaConfig "h": text holds',
    ],
  ])("%s is refused, with what to use", (_case, make, sentence) => {
    expect(make).toThrow(sentence);
    expect(make).toThrow(/use pulumi\.interpolate, or \.apply/);
  });
});

describe("that a password is missing for ignoreChanges' sake, the provider is told", () => {
  it.each<[string[], boolean]>([
    [["password"], true],
    [["*"], true],
    [["verifier", "login"], false],
    [["passwordHistory"], false],
  ])("of a user: %j", async (ignoreChanges, kept) => {
    const user = new ScramUser("app", { password: undefined }, { ignoreChanges });
    await new Promise((resolve) => user.urn.apply(resolve));
    expect(registered.keepsPassword).toBe(kept ? true : undefined);
  });

  it.each<[string[], string[]]>([
    [["users.app.password"], ["app"]],
    [['users["my.app"].password'], ["my.app"]],
    [["users[app].password"], ["app"]],
    [["users.*.password"], ["app", "my.app"]],
    [["users"], ["app", "my.app"]],
    [["defaults", "users.app.login", "users.other.password"], []],
  ])("of users in a set: %j", async (ignoreChanges, kept) => {
    const set = new ScramUserSet("set", { users: { app: {}, "my.app": {} } }, { ignoreChanges });
    await new Promise((resolve) => set.urn.apply(resolve));
    const users = Object.entries(registered.users as Record<string, Props>);
    expect(users.filter(([, user]) => user.keepsPassword).map(([name]) => name)).toEqual(kept);
  });

  it.each<[string, ConstructorParameters<typeof ScramUserSet>[1]]>([
    ["a user", { users: { app: pulumi.output({ login: true }), other: {} } }],
    ["all of them", { users: pulumi.output({ app: { login: true }, other: {} }) }],
    ["the defaults", { defaults: pulumi.output({ login: true }), users: { app: {}, other: {} } }],
  ])("of a set in which %s may be an Output", async (_case, args) => {
    const set = new ScramUserSet("set", args, { ignoreChanges: ["users.app.password"] });
    await new Promise((resolve) => set.urn.apply(resolve));
    expect(registered.users).toMatchObject({ app: { keepsPassword: true } });
    expect(registered.users).not.toHaveProperty("other.keepsPassword");
  });
});
