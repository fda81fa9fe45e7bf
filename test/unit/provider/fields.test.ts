import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { settingsProvider } from "../../../src/provider/auth-settings/auth-settings";
import { FIELDS as OF_RULES } from "../../../src/provider/hba/fields";
import { hbaProvider } from "../../../src/provider/hba/hba";
import { fromProps as rulesFrom } from "../../../src/provider/hba/state";
import { isolationProvider } from "../../../src/provider/isolation/isolation";
import { argumentsOf, namesWhere } from "../../../src/provider/protocol/fields";
import { UNKNOWN } from "../../../src/provider/protocol/wire";
import { checkUser } from "../../../src/provider/user/check/check";
import { FIELDS as OF_A_USER } from "../../../src/provider/user/fields";
import { fromProps, toProps } from "../../../src/provider/user/state";
import { userSetProvider } from "../../../src/provider/user-set/user-set";
import { check, unwrap } from "../../support/engine-side";

const SEED = Buffer.alloc(32, 7).toString("base64");

describe("the table of fields of a user", () => {
  it("has every argument in the documents' table, and no other", () => {
    const page = readFileSync("docs/reference/users.md", "utf8");
    const [, section = ""] = page.split("## Arguments");
    const rows = section.split("\n\n").find((block) => block.startsWith("| argument")) ?? "";
    const first = rows
      .split("\n")
      .slice(2)
      .map((row) => row.split(" | ")[0] ?? "");
    const documented = first.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(documented.filter((name) => name !== "ScramUser").sort()).toEqual(argumentsOf(OF_A_USER).sort());
  });

  it("keeps secrets: the password, verifiers, the seed, the connection", () => {
    expect(namesWhere(OF_A_USER, ({ secret }) => secret).sort()).toEqual(
      ["password", "verifier", "declaredVerifier", "saltSeed", "history", "connection"].sort(),
    );
  });

  it("reads from a state what it has written there", () => {
    const props = {
      username: "app",
      verifier: "SCRAM-SHA-256$4096:c2FsdA==$a:b",
      saltSeed: "c2VlZA==",
      generation: 3,
      iterations: 4096,
      history: ["SCRAM-SHA-256$4096:c2FsdA==$c:d"],
      login: false,
      connectionLimit: 3,
      memberOf: ["a", { role: "b", admin: true }],
      settings: { work_mem: "8MB" },
      adopt: true,
      onDelete: "retain",
      driftCheck: "handshake",
      identity: { product: "postgresql", cluster: "1", oid: 2 },
    };
    expect(unwrap(toProps(fromProps(props)))).toEqual(props);
  });
});

describe("what must be given is named, and what it is", () => {
  const PRODUCT = "product is missing; it must be cockroachdb or postgresql";
  it.each([
    ["HBA rules", hbaProvider(), { text: "" }, [PRODUCT]],
    ["settings", settingsProvider(), { minPasswordLength: 8 }, [PRODUCT]],
    ["strict isolation", isolationProvider(), {}, [PRODUCT, "phase is missing; it must be one of 1, 2, 3"]],
    ["a product that is not known yet is given", hbaProvider(), { product: UNKNOWN, text: "" }, []],
  ] as const)("%s", async (_resource, provider, args, missing) => {
    const { failures = [] } = await provider.check({}, args);
    expect(failures.map(({ reason }) => reason)).toEqual(missing);
  });
});

describe("words of earlier states are understood", () => {
  it.each([
    ["driftCheck", fromProps({ driftCheck: "none" }).driftCheck, "off"],
    ["onDelete", rulesFrom({ onDelete: "leave" }).onDelete, "retain"],
  ])("%s", (_field, read, word) => {
    expect(read).toBe(word);
    expect(OF_RULES.onDelete.read("reset")).toBe("reset");
  });
});

describe("an Output of nothing counts as not given", () => {
  const optional = argumentsOf(OF_A_USER).filter((name) => !["username", "password"].includes(name));
  const nothing = Object.fromEntries(optional.map((name) => [name, null]));

  it("of a user", async () => {
    const args = { username: "app", password: "pw", saltSeed: SEED };
    const given = await checkUser({}, { ...args, ...nothing, saltSeed: SEED });
    expect(given).toEqual(await checkUser({}, args));
    expect(given.failures).toBeUndefined();
  });

  it("of a user of a set, and among the defaults", async () => {
    const { connection, saltSeed, ...ofAnyUser } = nothing;
    const { verifier, ...ofDefaults } = ofAnyUser;
    const users = (more: object) => ({ app: { password: "pw", saltSeed: SEED, ...more } });
    const plain = await check(userSetProvider(), {}, { users: users({}) });
    expect(await check(userSetProvider(), {}, { users: users(ofAnyUser), defaults: ofDefaults })).toEqual(
      plain,
    );
  });
});
