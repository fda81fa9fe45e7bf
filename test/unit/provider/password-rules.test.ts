import { afterEach, describe, expect, it, vi } from "vitest";
import type { Props } from "../../../src/provider/protocol/wire";
import { checkUser } from "../../../src/provider/user/check/check";
import { check, unwrap } from "../../support/engine-side";

const provider = { check: checkUser } as Parameters<typeof check>[0];

/** The inputs recorded after these passwords in turn, and the failure of the last one. */
async function recordedAfter(passwords: readonly string[], args: Props): Promise<Props> {
  let recorded: Props = {};
  for (const password of passwords)
    recorded = await check(provider, recorded, { username: "app", ...args, password });
  return recorded;
}

describe("passwordHistory: n", () => {
  const rule = { passwordHistory: 3 };

  it.each<[string, string[], string, boolean]>([
    ["the one before", ["a", "b"], "a", false],
    ["the third before", ["a", "b", "c", "d"], "a", false],
    ["the fourth before, which is forgotten", ["a", "b", "c", "d", "e"], "a", true],
    ["one it never had", ["a", "b", "c"], "d", true],
    ["the present one, which is no change", ["a", "b"], "b", true],
  ])("%s", async (_case, had, next, accepted) => {
    const recorded = await recordedAfter(had, rule);
    const checked = check(provider, recorded, { username: "app", ...rule, password: next });
    if (accepted) await expect(checked).resolves.toMatchObject({ username: "app" });
    else {
      await expect(checked).rejects.toThrow(
        /^: the password of user "app" is one of its last 3 \(passwordHistory\); choose one it has not had$/,
      );
    }
  });

  it("remembers verifiers, as a secret, the latest first, and no more than it says", async () => {
    const first = await recordedAfter(["a"], rule);
    const second = await check(provider, first, { username: "app", ...rule, password: "b" });
    const third = await check(provider, second, { username: "app", passwordHistory: 1, password: "c" });
    expect(first).not.toHaveProperty("history");
    expect(second.history).toEqual([first.verifier]);
    expect(third.history).toEqual([second.verifier]);

    const { inputs } = await checkUser(first, { username: "app", ...rule, password: "b" });
    expect(inputs?.history).not.toEqual([first.verifier]);
    expect(unwrap(inputs).history).toEqual([first.verifier]);
  });

  it("without it, nothing is remembered any more", async () => {
    const recorded = await recordedAfter(["a", "b"], rule);
    expect(await check(provider, recorded, { username: "app", password: "b" })).not.toHaveProperty("history");
  });

  it("other iterations are no other password", async () => {
    const recorded = await recordedAfter(["a"], rule);
    const derived = await check(provider, recorded, {
      username: "app",
      ...rule,
      password: "a",
      iterations: 5000,
    });
    expect(derived).not.toHaveProperty("history");
    expect(derived.generation).toBe(1);
  });

  it("a ready-made verifier is compared as it is", async () => {
    const first = await recordedAfter(["a"], rule);
    const second = await check(provider, first, { username: "app", ...rule, password: "b" });
    const back = check(provider, second, { username: "app", ...rule, verifier: first.verifier ?? "" });
    await expect(back).rejects.toThrow(/one of its last 3/);
  });
});

describe("after a refresh that found a stranger's password", () => {
  const rule = { username: "app", passwordHistory: 5, rotationKey: "october" };
  /** As `read` records it. */
  async function drifted(...passwords: string[]): Promise<Props> {
    const recorded = await recordedAfter(passwords, rule);
    const stranger = await check(provider, {}, { username: "app", password: "stranger" });
    return { ...recorded, verifier: stranger.verifier ?? "", declaredVerifier: recorded.verifier ?? "" };
  }

  it("the declared password is put right, and counts as no rotation", async () => {
    const restored = await check(provider, await drifted("1"), { ...rule, password: "1" });
    expect(restored).toMatchObject({ generation: 2 });
    expect(restored).not.toHaveProperty("history");
    expect(restored).not.toHaveProperty("declaredVerifier");

    const due = check(provider, await drifted("1"), { ...rule, password: "1", rotationKey: "november" });
    // A key may be derived from what is a secret.
    await expect(due).rejects.toThrow(/is due: rotationKey changed, so (?!.*november)/);
  });

  it("what was declared before is remembered, not the stranger's", async () => {
    const found = await drifted("1", "2");
    const third = await check(provider, found, { ...rule, password: "3" });
    expect(third.history).toEqual([found.declaredVerifier, ...((found.history ?? []) as string[])]);
    for (const password of ["1", "2"])
      await expect(check(provider, third, { ...rule, password })).rejects.toThrow(/one of its last 5/);
    await expect(check(provider, third, { ...rule, password: "stranger" })).resolves.toBeDefined();
  });

  it("the stranger's, declared, is a rotation of what is declared: by the rules, and remembered as one", async () => {
    const found = await drifted("1");
    const taken = await check(provider, found, { ...rule, password: "stranger", rotationKey: "november" });

    expect(taken).toMatchObject({ generation: 2, verifier: found.verifier });
    expect(taken).not.toHaveProperty("declaredVerifier");
    expect(taken.history).toEqual([found.declaredVerifier]);
    await expect(check(provider, taken, { ...rule, password: "1" })).rejects.toThrow(/one of its last 5/);
  });

  it("without a password to compare (ignoreChanges), the declared one comes back unless a verifier is there", async () => {
    const recorded = await recordedAfter(["1"], rule);
    const { verifier: declaredVerifier = "", ...rest } = recorded;
    const { passwordHistory: _, ...others } = rule;
    const args = { ...others, keepsPassword: true };
    const unreadable = { ...rest, declaredVerifier };
    const md5 = { ...unreadable, verifier: `md5${"0".repeat(32)}` };
    const found = await drifted("1");

    expect(await check(provider, unreadable, args)).toEqual(recorded);
    expect(await check(provider, md5, args)).toEqual(recorded);
    expect(await check(provider, found, args)).toEqual(found);
  });

  it("the same password hashed anew stays an empty preview", async () => {
    const recorded = await recordedAfter(["1"], rule);
    const again = await check(provider, {}, { username: "app", password: "1" });
    const found = { ...recorded, verifier: again.verifier ?? "", declaredVerifier: recorded.verifier ?? "" };
    expect(await check(provider, found, { ...rule, password: "1" })).toEqual(found);
  });
});

describe("rotationKey", () => {
  it.each<[string, Props, Props, boolean]>([
    ["the same", { password: "a", rotationKey: "october" }, { password: "a", rotationKey: "october" }, true],
    [
      "another, with another password",
      { password: "a", rotationKey: "october" },
      { password: "b", rotationKey: "november" },
      true,
    ],
    [
      "another, with the same password",
      { password: "a", rotationKey: "october" },
      { password: "a", rotationKey: "november" },
      false,
    ],
    ["the first", { password: "a" }, { password: "a", rotationKey: "october" }, true],
    ["no more", { password: "a", rotationKey: "october" }, { password: "a" }, true],
  ])("%s", async (_case, before, now, accepted) => {
    const recorded = await check(provider, {}, { username: "app", ...before });
    const checked = check(provider, recorded, { username: "app", ...now });
    if (accepted) await expect(checked).resolves.toMatchObject({ username: "app" });
    else await expect(checked).rejects.toThrow(/the password of user "app" is due: rotationKey changed/);
  });
});

describe("minLength", () => {
  it.each<[string, string, number, boolean]>([
    ["long enough", "12345678", 8, true],
    ["too short", "1234567", 8, false],
    ["counted in characters, not in UTF-16 units", "🔑🔑🔑", 4, false],
  ])("%s", async (_case, password, minLength, accepted) => {
    const checked = check(provider, {}, { username: "app", password, minLength });
    if (accepted) await expect(checked).resolves.toBeDefined();
    else
      await expect(checked).rejects.toThrow(`user "app" is shorter than ${minLength} characters (minLength)`);
  });
});

describe("what drivers will not agree on is said, never the password", () => {
  afterEach(() => void vi.restoreAllMocks());

  it.each<[string, string, RegExp | undefined]>([
    ["ASCII", "correct horse", undefined],
    ["changed by SASLprep", "pass\u00adword", /is changed by SASLprep/],
    ["refused by SASLprep", "abc\u05d0\u05d1def", /SASLprep refuses \(bidirectional\)/],
    ["beyond ASCII and unchanged", "p\u00e4ssw\u00f6rd", /beyond printable ASCII/],
    ["control characters", "a\tb", /beyond printable ASCII/],
  ])("%s", async (_case, password, expected) => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    await check(provider, {}, { username: "app", password });
    const lines = said.mock.calls.flat().join("\n");
    if (expected === undefined) expect(lines).toBe("");
    else expect(lines).toMatch(expected);
    expect(lines).not.toContain(password);
  });
});

describe("arguments of the rules", () => {
  it.each<[string, Props, RegExp]>([
    [
      "passwordHistory of none",
      { passwordHistory: 0 },
      /^: passwordHistory must be a whole number from 1 to 24$/,
    ],
    ["minLength as text", { minLength: "8" }, /^: minLength must be a whole number/],
    ["an unknown onDelete", { onDelete: "keep" }, /^: onDelete must be one of drop, disable, retain$/],
    [
      "an unknown driftCheck",
      { driftCheck: "always" },
      /^: driftCheck must be one of catalog, handshake, off$/,
    ],
    [
      "a new owner of a role that is kept",
      { reassignOwnedTo: "boss", onDelete: "retain" },
      /^: reassignOwnedTo goes with onDelete: "drop"/,
    ],
    [
      "a new owner of a role that is adopted, hence kept",
      { reassignOwnedTo: "boss", adopt: true },
      /goes with onDelete: "drop"/,
    ],
    [
      "a new owner that is the role itself",
      { reassignOwnedTo: "app" },
      /^: reassignOwnedTo is the role itself, which is to be dropped; name another$/,
    ],
    [
      "a new owner with a NUL",
      { reassignOwnedTo: "a\0b" },
      /^: reassignOwnedTo has a NUL character in it, which servers take for the end of a text$/,
    ],
    ["memberOf as one name", { memberOf: "readers" }, /^: memberOf must be a list of names/],
    ["a group that servers would cut", { memberOf: ["g".repeat(64)] }, /^: memberOf is longer than 63 bytes/],
    ["itself as a group", { memberOf: ["app"] }, /^: memberOf names the role itself$/],
    ["a group without a name", { memberOf: ["a", ""] }, /^: memberOf must be a list of names of roles,/],
    [
      "a setting that is none",
      { settings: { "a; DROP": "1" } },
      /^: settings names "a; DROP", which cannot be the name of a setting$/,
    ],
    [
      "a setting without a value",
      { settings: { work_mem: null } },
      /^: settings must give text, a number or true or false for "work_mem"$/,
    ],
    [
      "options of both products",
      { connectionLimit: 3, viewActivity: true },
      /connectionLimit is an option of PostgreSQL alone, and viewActivity one of CockroachDB alone/,
    ],
    ["a flag as text", { createDb: "yes" }, /^: createDb must be true or false$/],
    ["half a connection", { connectionLimit: 1.5 }, /^: connectionLimit must be a whole number from -1/],
    ["superuser", { superuser: true }, /superuser is not an argument of a ScramUser/],
  ])("%s", async (_case, args, expected) => {
    await expect(check(provider, {}, { username: "app", password: "pw", ...args })).rejects.toThrow(expected);
  });

  it("memberships have no order, and nobody is a member twice", async () => {
    const inputs = await check(provider, {}, { username: "app", password: "pw", memberOf: ["b", "a", "b"] });
    expect(inputs.memberOf).toEqual(["a", "b"]);
  });

  it("what is at its default is not recorded", async () => {
    const inputs = await check(
      provider,
      {},
      {
        username: "app",
        password: "pw",
        adopt: false,
        onDelete: "drop",
        driftCheck: "catalog",
      },
    );
    for (const key of ["adopt", "onDelete", "driftCheck"]) expect(inputs).not.toHaveProperty(key);
  });

  it("without `adopt` an adopted role is no longer retained, which is said", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const args = { username: "app", password: "pw" };
    const adopted = await check(provider, {}, { ...args, adopt: true });

    expect(await check(provider, adopted, args)).not.toHaveProperty("onDelete");
    expect(said.mock.calls.flat().join()).toMatch(
      /user "app" was adopted, and without `adopt` deleting it drops the role; declare `onDelete: "retain"` to keep it/,
    );
    said.mockClear();
    await check(provider, adopted, { ...args, onDelete: "retain" });
    await check(provider, adopted, { ...args, adopt: true });
    expect(said).not.toHaveBeenCalled();
    said.mockRestore();
  });

  it("an adopted role is retained unless told otherwise", async () => {
    const args = { username: "app", password: "pw", adopt: true };
    expect(await check(provider, {}, args)).toMatchObject({ adopt: true, onDelete: "retain" });
    expect(await check(provider, {}, { ...args, onDelete: "drop" })).not.toHaveProperty("onDelete");
  });
});
