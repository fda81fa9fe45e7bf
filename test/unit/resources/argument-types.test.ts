import type * as pulumi from "@pulumi/pulumi";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  AlternatingUsers,
  type AuthSettings,
  type AuthSettingsArgs,
  type HbaConfigArgs,
  type HbaRule,
  Provider,
  ScramUser,
  type ScramUserArgs,
  ScramUserSet,
  type ScramUserSetArgs,
  type UserArgs,
  type UserDefaults,
} from "../../../src";
import type { SETTINGS } from "../../../src/provider/auth-settings/table";
import type { FIELDS as OF_RULES } from "../../../src/provider/hba/fields";
import type { ArgumentsOf } from "../../../src/provider/protocol/fields";
import type { ArgumentName } from "../../../src/provider/user/fields";
import type { FIELDS as OF_A_SET } from "../../../src/provider/user-set/fields";

declare const isReady: boolean;
declare const output: pulumi.Output<string>;
declare const maybeLater: pulumi.Output<string | undefined>;
declare const settings: AuthSettings;
declare const maybe: pulumi.Output<string> | undefined;

/** Never called: that it compiles, or does not, is the test. */
function combinations(): void {
  // What can work.
  new ScramUser("x", { password: "pw" });
  new ScramUser("x", {
    password: output,
    iterations: 4096,
    minLength: 12,
    passwordHistory: 3,
    rotationKey: "a",
  });
  // A secret that is not set, or that `ignoreChanges` takes: the provider tells which.
  new ScramUser("x", { password: maybe });
  new ScramUser("x", { password: undefined }, { ignoreChanges: ["password"] });
  // What may be nothing, an output of another resource for instance, counts as not given.
  new ScramUser("x", { password: "pw", iterations: settings.defaultCostScramSha256, validUntil: maybeLater });
  new ScramUser("x", { verifier: output, rotationKey: "a", passwordHistory: 3 });
  new ScramUser("x", { passwordless: true, login: isReady });
  new ScramUser("x", { login: false });
  new ScramUser("x", { login: false, passwordless: isReady });
  new ScramUser("x", { password: "pw", login: false, connectionLimit: 3 });
  new ScramUser("x", { password: "pw", viewActivity: true, sqlLogin: false });
  new ScramUser("x", { password: "pw", reassignOwnedTo: "y" });
  new ScramUser("x", { password: "pw", reassignOwnedTo: "y", onDelete: "drop" });
  new ScramUser("x", { password: "pw", reassignOwnedTo: "y", onDelete: "drop", adopt: true });
  new ScramUser("x", { password: "pw", adopt: isReady, onDelete: "retain" });
  new ScramUserSet("x", {
    users: { a: { password: "pw" }, b: { verifier: "v" }, c: {} },
    defaults: { login: false },
  });

  // What cannot.
  // @ts-expect-error neither a password nor a verifier
  new ScramUser("x", {});
  // @ts-expect-error no arguments
  new ScramUser("x");
  // @ts-expect-error only a name
  new ScramUser("x", { username: "y" });
  // @ts-expect-error whoever logs in needs a password, or says that there is none
  new ScramUser("x", { login: true });
  // @ts-expect-error both
  new ScramUser("x", { password: "pw", verifier: "v" });
  // @ts-expect-error both
  new ScramUser("x", { password: "pw", passwordless: true });
  // @ts-expect-error both
  new ScramUser("x", { verifier: "v", passwordless: true });
  // @ts-expect-error a verifier does not tell the length
  new ScramUser("x", { verifier: "v", minLength: 12 });
  // @ts-expect-error a verifier has its own count
  new ScramUser("x", { verifier: "v", iterations: 4096 });
  // @ts-expect-error of a password
  new ScramUser("x", { passwordless: true, iterations: 4096 });
  // @ts-expect-error of a password
  new ScramUser("x", { login: false, saltSeed: "s" });
  // @ts-expect-error of different products
  new ScramUser("x", { password: "pw", connectionLimit: 3, viewActivity: true });
  // @ts-expect-error of different products
  new ScramUser("x", { password: "pw", inherit: false, sqlLogin: false });
  // @ts-expect-error a role that stays keeps what it owns
  new ScramUser("x", { password: "pw", reassignOwnedTo: "y", onDelete: "retain" });
  // @ts-expect-error a role that stays keeps what it owns
  new ScramUser("x", { password: "pw", reassignOwnedTo: "y", onDelete: "disable" });
  // @ts-expect-error a role that was adopted stays, unless onDelete says otherwise
  new ScramUser("x", { password: "pw", reassignOwnedTo: "y", adopt: true });
  // @ts-expect-error no such word
  new ScramUser("x", { password: "pw", driftCheck: "none" });
  // @ts-expect-error no such mode
  new ScramUser("x", { password: "pw", connection: { sslmode: "on" } });
  // @ts-expect-error both, of a user of a set
  new ScramUserSet("x", { users: { a: { password: "pw", verifier: "v" } } });
  // @ts-expect-error of a password, of a user of a set
  new ScramUserSet("x", { users: { a: { verifier: "v", minLength: 12 } } });
  // @ts-expect-error a password for all
  new ScramUserSet("x", { users: {}, defaults: { password: "pw" } });
  // @ts-expect-error of different products, among the defaults
  new ScramUserSet("x", { users: {}, defaults: { connectionLimit: 3, viewActivity: true } });
  // @ts-expect-error no users
  new ScramUserSet("x", {});
  // @ts-expect-error which server
  new Provider("x", {});
  // @ts-expect-error the component decides who logs in
  new AlternatingUsers("x", { rotation: 1, password: () => "pw", user: { login: false } });
}

it("what works compiles, and what cannot work does not", () => {
  expect(combinations).toBeInstanceOf(Function);
});

describe("rules of LDAP say which of its two modes they mean", () => {
  const rule = { type: "hostssl", user: "all", address: "all", method: "ldap" } as const;

  it("compile with one, and with no other", () => {
    const compile: HbaRule<"postgresql">[] = [
      { ...rule, options: { ldapserver: "s", ldapprefix: "uid=" } },
      { ...rule, options: { ldapserver: "s", ldapsuffix: ",dc=x" } },
      { ...rule, options: { ldapserver: "s", ldapbasedn: "dc=x", ldapsearchattribute: "uid" } },
      { ...rule, options: { ldapurl: "ldaps://s/dc=x?uid" } },
      // @ts-expect-error neither
      { ...rule, options: { ldapserver: "s" } },
      // @ts-expect-error both
      { ...rule, options: { ldapserver: "s", ldapprefix: "uid=", ldapbasedn: "dc=x" } },
      {
        ...rule,
        // @ts-expect-error two ways to search
        options: { ldapbasedn: "dc=x", ldapsearchattribute: "a", ldapsearchfilter: "b" },
      },
    ];
    expect(compile).toHaveLength(7);
  });
});

describe("what compiles is what the provider takes", () => {
  type Names<T> = T extends unknown ? keyof T : never;
  type SettingsOf<P> = Exclude<Names<Extract<AuthSettingsArgs, { product: P }>>, "product" | "connection">;

  it("of a user, a set and rules", () => {
    expectTypeOf<Names<ScramUserArgs>>().toEqualTypeOf<ArgumentName>();
    expectTypeOf<Names<UserArgs>>().toEqualTypeOf<Exclude<ArgumentName, "username" | "connection">>();
    expectTypeOf<Names<UserDefaults>>().toEqualTypeOf<Exclude<Names<UserArgs>, "password" | "verifier">>();
    expectTypeOf<keyof ScramUserSetArgs>().toEqualTypeOf<ArgumentsOf<typeof OF_A_SET>>();
    expectTypeOf<Names<HbaConfigArgs>>().toEqualTypeOf<ArgumentsOf<typeof OF_RULES>>();
  });

  it("of settings", () => {
    expectTypeOf<SettingsOf<"cockroachdb">>().toEqualTypeOf<keyof typeof SETTINGS.cockroachdb>();
    expectTypeOf<SettingsOf<"postgresql">>().toEqualTypeOf<keyof typeof SETTINGS.postgresql>();
  });
});
