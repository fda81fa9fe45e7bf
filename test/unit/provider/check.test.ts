import { describe, expect, it } from "vitest";
import { userProvider } from "../../../src/provider/user/user";
import { type Props, UNKNOWN } from "../../../src/provider/wire";
import { deriveVerifier } from "../../../src/scram/verifier";
import { formatVerifier, parseVerifier } from "../../../src/scram/verifier-text";
import { check as checkWith } from "../../support/engine-side";

const check = (olds: Props, news: Props) => checkWith(userProvider(), olds, { username: "app", ...news });
const recorded = await check({}, { password: "first" });
const ready = formatVerifier(
  await deriveVerifier("ready-made", { salt: Buffer.alloc(16, 1), iterations: 4096 }),
);

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
    ["no password (ignoreChanges): nothing", {}, {}],
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

  it("an unknown connection or option is handed on", async () => {
    const settings = { connection: { host: UNKNOWN }, validUntil: UNKNOWN };
    expect(await check(recorded, { password: "first", ...settings })).toEqual({ ...recorded, ...settings });
  });
});

describe("diff", () => {
  it.each<[string, Props, object]>([
    ["another verifier is an update, which the engine finds by itself", { ...recorded, verifier: ready }, {}],
    ["another name is a replacement", { ...recorded, username: "other" }, { replaces: ["username"] }],
  ])("%s", async (_case, news, answer) => {
    expect(await userProvider().diff("app", recorded, news)).toEqual(answer);
  });
});
