import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type Props, UNKNOWN } from "../../../src/provider/protocol/wire";
import { userProvider } from "../../../src/provider/user/user";
import { deriveVerifier } from "../../../src/scram/verifier";
import { formatVerifier, parseVerifier } from "../../../src/scram/verifier-text";
import { check as checkWith, isWrapped } from "../../support/engine-side";
import { markedSalt } from "../../support/marked-salt";

const check = (olds: Props, news: Props) => checkWith(userProvider(), olds, { username: "app", ...news });
const recorded = await check({}, { password: "first" });
const ready = formatVerifier(
  await deriveVerifier("ready-made", { salt: Buffer.alloc(16, 1), iterations: 4096 }),
);
const costly = formatVerifier(await deriveVerifier("x", { salt: Buffer.alloc(16, 1), iterations: 100_001 }));

describe("a new user", () => {
  it("gets generation 1, the default iteration count, a salt of 16 bytes, and no password is recorded", () => {
    expect(recorded).toEqual({
      username: "app",
      login: true,
      generation: 1,
      iterations: 10_610,
      saltSeed: expect.any(String),
      verifier: expect.stringMatching(/^SCRAM-SHA-256\$10610:/),
    });
    expect(parseVerifier(String(recorded.verifier)).salt).toHaveLength(16);
  });

  it("gets the same verifier in preview and up when the seed is given", async () => {
    const args = { password: "pw", saltSeed: Buffer.alloc(32, 9).toString("base64") };
    expect(await check({}, args)).toEqual(await check({}, args));
  });

  it("with a ready-made verifier takes it as it is, and draws no seed", async () => {
    expect(await check({}, { verifier: ready })).toEqual({
      username: "app",
      login: true,
      generation: 1,
      iterations: 4096,
      verifier: ready,
    });
  });
});

describe("what is decided of a recorded user", () => {
  const keys = ["verifier", "generation", "iterations"] as const;

  it.each<[string, Props, Props]>([
    ["the same password: nothing", { password: "first" }, {}],
    [
      "another seed, same password: only the seed",
      { password: "first", saltSeed: Buffer.alloc(32).toString("base64") },
      {},
    ],
    ["no password, which ignoreChanges is to keep: nothing", { keepsPassword: true }, {}],
    ["another password: a rotation", { password: "second" }, { generation: 2, verifier: "another" }],
    [
      "another iteration count: re-hashed, no rotation",
      { password: "first", iterations: 4096 },
      { iterations: 4096, verifier: "another" },
    ],
    [
      "both",
      { password: "second", iterations: 4096 },
      { generation: 2, iterations: 4096, verifier: "another" },
    ],
    [
      "a ready-made verifier: a rotation",
      { verifier: ready },
      { generation: 2, iterations: 4096, verifier: ready },
    ],
  ])("%s", async (_case, args, changes) => {
    const after = await check(recorded, args);

    for (const key of keys) {
      if (changes[key] === "another") expect(after[key]).not.toBe(recorded[key]);
      else expect(after[key]).toBe(changes[key] ?? recorded[key]);
    }
  });

  it("the same ready-made verifier is no rotation", async () => {
    const first = await check({}, { verifier: ready });
    expect(await check(first, { verifier: ready })).toEqual(first);
  });

  it("a verifier whose salt has the mark of its resource, as versions before had it, is kept; the next salt has 16 bytes", async () => {
    const args = { username: "app", owner: "o/p/s/User::app" };
    const marked = { salt: markedSalt(args.owner), iterations: 10_610 };
    const verifier = formatVerifier(await deriveVerifier("pw", marked));
    const saltSeed = Buffer.alloc(32, 9).toString("base64");
    const old = { ...args, verifier, saltSeed, generation: 1, iterations: 10_610, login: true };

    const kept = await check(old, { ...args, password: "pw" });
    const rotated = await check(old, { ...args, password: "next" });

    expect(kept).toEqual(old);
    expect(rotated).toMatchObject({ owner: args.owner, saltSeed, generation: 2 });
    expect(parseVerifier(String(rotated.verifier)).salt).toHaveLength(16);
  });

  it("a rotation gets another salt from the same seed, and going back to the old password one more", async () => {
    const second = await check(recorded, { password: "second" });
    const third = await check(second, { password: "first" });

    const salts = [recorded, second, third].map(({ verifier }) =>
      parseVerifier(String(verifier)).salt.toString("hex"),
    );
    expect(new Set(salts).size).toBe(3);
    expect([second.saltSeed, third.saltSeed]).toEqual([recorded.saltSeed, recorded.saltSeed]);
  });

  it.each([
    ["found without a password", undefined],
    ["found with md5", `md5${"0".repeat(32)}`],
    [
      "found with an iteration count that would take hours",
      String(recorded.verifier).replace("10610", "99999999999"),
    ],
  ])("%s: replaced", async (_case, verifier) => {
    const { verifier: _, ...rest } = recorded;
    const found = verifier === undefined ? rest : { ...rest, verifier };
    expect(await check(found, { password: "first" })).toMatchObject({ generation: 2, iterations: 10_610 });
  });
});

describe("while a value is unknown (preview)", () => {
  it.each<[string, Props]>([
    ["password", { password: UNKNOWN }],
    ["verifier", { verifier: UNKNOWN }],
    ["iterations", { password: "first", iterations: UNKNOWN }],
    ["username", { password: "first", username: UNKNOWN }],
    ["saltSeed", { password: "first", saltSeed: UNKNOWN }],
  ])("%s: what is derived from it is unknown too, not missing", async (_name, args) => {
    expect(await check(recorded, args)).toMatchObject({ verifier: UNKNOWN, generation: UNKNOWN });
  });

  it("secrets are wrapped all the same", async () => {
    const { inputs } = await userProvider().check(recorded, {
      username: "app",
      password: UNKNOWN,
      connection: "postgresql://h",
    });
    expect(
      Object.entries(inputs ?? {})
        .filter(([, value]) => isWrapped(value))
        .map(([key]) => key)
        .sort(),
    ).toEqual(["connection", "saltSeed", "verifier"]);
  });

  it("the iteration count of an unknown verifier is unknown as well", async () => {
    expect(await check({}, { verifier: UNKNOWN })).toMatchObject({ iterations: UNKNOWN });
    expect(await check({}, { password: UNKNOWN })).toMatchObject({ iterations: 10_610 });
  });

  it("a name that is not known is neither its own group nor its own new owner", async () => {
    const unknown = { username: UNKNOWN, memberOf: [UNKNOWN], reassignOwnedTo: UNKNOWN };
    expect(await check({}, { ...unknown, password: "pw" })).toMatchObject(unknown);
  });

  it("an unknown connection or option is handed on", async () => {
    const settings = { connection: { host: UNKNOWN }, validUntil: UNKNOWN };
    expect(await check(recorded, { password: "first", ...settings })).toEqual({ ...recorded, ...settings });
  });
});

describe("what ignoreChanges does to the arguments", () => {
  it.each<[string, Props]>([
    ["generation", { password: "first", generation: 1 }],
    ["verifier, with another password", { password: "second", verifier: recorded.verifier as string }],
    [
      "verifier, with a rule for passwords",
      { password: "other", verifier: recorded.verifier as string, minLength: 4 },
    ],
    ["everything", { ...recorded }],
  ])("%s: what is recorded stays", async (_case, args) => {
    expect(await check(recorded, args)).toMatchObject({ verifier: recorded.verifier, generation: 1 });
  });

  it("everything, of a user that had other passwords and was renamed by hand: what is recorded stays", async () => {
    const rule = { passwordHistory: 2 };
    const first = await check({}, { password: "first", ...rule });
    const second: Props = { ...(await check(first, { password: "second", ...rule })), renamedTo: "other" };
    expect(await check(second, structuredClone({ ...second, ...rule }))).toMatchObject({
      verifier: second.verifier,
      history: [first.verifier],
    });
  });

  it("another generation than the recorded one is nobody's to give", async () => {
    await expect(check(recorded, { password: "first", generation: 7 })).rejects.toThrow(
      "generation is not an argument",
    );
  });
});

describe("what is worth a warning", () => {
  const warnings = async (args: Props) => {
    const warned = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    await check({}, args);
    return warned.mock.calls.map(([line]) => String(line));
  };
  it.each<[string, Props, RegExp[]]>([
    ["printable ASCII", { password: " az~" }, []],
    [
      "a letter beyond it",
      { password: "p\u00e4ss" },
      [/^warning: user "app": the password has characters beyond printable ASCII/],
    ],
    ["100,000 iterations", { password: "pw", iterations: 100_000 }, []],
    [
      "more than that",
      { password: "pw", iterations: 100_001 },
      [/refuse to log in with more than 100000 iterations/],
    ],
    [
      "more than that in a ready-made verifier",
      { verifier: costly },
      [/refuse to log in with more than 100000 iterations/],
    ],
  ])("%s", async (_case, args, expected) => {
    const lines = await warnings(args);
    expect(lines).toHaveLength(expected.length);
    for (const [i, pattern] of expected.entries()) expect(lines[i]).toMatch(pattern);
    expect(lines.join()).not.toContain("p\u00e4ss");
  });
});

describe("diff", () => {
  it.each<[string, Props, object]>([
    ["a change is for the engine to find", { ...recorded, verifier: ready }, {}],
    ["PostgreSQL renames in place", { ...recorded, username: "other" }, {}],
    ["another spelling is another name", { ...recorded, username: "App" }, {}],
  ])("%s", async (_case, news, answer) => {
    expect(await userProvider().diff("app", recorded, news)).toEqual(answer);
  });

  it("on CockroachDB another spelling is the same name, and another name another role", async () => {
    const outputs = { ...recorded, identity: { product: "cockroachdb", cluster: "c", oid: null } };
    expect(await userProvider().diff("app", outputs, { ...recorded, username: "APP" })).not.toHaveProperty(
      "replaces",
    );
    expect(await userProvider().diff("app", outputs, { ...recorded, username: "other" })).toEqual({
      replaces: ["username"],
    });
  });
});
