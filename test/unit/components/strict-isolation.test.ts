import * as pulumi from "@pulumi/pulumi";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { StrictIsolation, type StrictIsolationArgs } from "../../../src/components/strict-isolation";

/** The kinds of resources, as the engine is done with each; and the one that it is kept from. */
let done: string[] = [];
let held: { type: string; until: Promise<void> } | undefined;
beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: async ({ inputs, name, type }) => {
      const kind = type.split(":").at(-1) ?? "";
      if (held?.type === kind) await held.until;
      done.push(kind);
      return { id: name, state: inputs };
    },
    call: ({ inputs }) => inputs,
  }),
);
beforeEach(() => {
  done = [];
  held = undefined;
});

const args = (phase: 1 | 2 | 3) =>
  ({
    product: "postgresql",
    phase,
    users: { app: { password: pulumi.secret("Canary-isolated") } },
    connection: pulumi.secret("postgresql://admin:pw@db.example.com/postgres"),
    rules: [{ type: "host", user: "all", address: "all", method: "scram-sha-256" }],
  }) satisfies StrictIsolationArgs;

const resolved = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => void output.apply(resolve));

describe("the phase that is reached", () => {
  it.each([
    [1, ["StrictIsolation", "AuthSettings", "UserSet", "IsolationPhase"]],
    [2, ["StrictIsolation", "AuthSettings", "UserSet", "IsolationPhase", "HbaConfig"]],
    [3, ["StrictIsolation", "AuthSettings", "IsolationPhase", "HbaConfig", "UserSet"]],
  ] as const)("%i is known once all that belongs to it is done, in order", async (phase, kinds) => {
    const isolation = new StrictIsolation("main", args(phase));
    expect(await resolved(isolation.phase)).toBe(phase);
    expect(done).toEqual(kinds);
  });

  it.each([
    ["AuthSettings", 1],
    ["IsolationPhase", 1],
    ["HbaConfig", 2],
    ["UserSet", 3],
  ] as const)("is not known as long as %s is not done, in phase %i", async (type, phase) => {
    let release = () => {};
    held = { type, until: new Promise((resolve) => (release = resolve)) };
    const isolation = new StrictIsolation("main", args(phase));
    let known: number | undefined;
    isolation.phase.apply((value) => (known = value));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(known).toBeUndefined();
    release();
    expect(await resolved(isolation.phase)).toBe(phase);
    expect(done).toContain(type);
  });

  it("is no secret, nor is how far each user is; and neither holds one", async () => {
    const isolation = new StrictIsolation("main", args(3));
    expect(await pulumi.isSecret(isolation.phase)).toBe(false);
    expect(await pulumi.isSecret(isolation.users)).toBe(false);
    const outputs = [await resolved(isolation.phase), await resolved(isolation.users)];
    expect(JSON.stringify(outputs)).not.toMatch(/Canary|SCRAM-SHA-256|postgresql:/);
  });
});

describe("what is known too late to go by is refused", () => {
  it.each<[string, unknown, RegExp]>([
    [
      "the phase as an Output",
      { ...args(1), phase: pulumi.output(3) },
      /StrictIsolation "main": phase must be the number 1, 2 or 3, and neither an Output nor a text/,
    ],
    ["the phase as text", { ...args(1), phase: "3" }, /phase must be the number/],
    ["no phase", { ...args(1), phase: undefined }, /phase must be the number/],
    ["the users as an Output", { ...args(1), users: pulumi.output({}) }, /users must be a plain object/],
  ])("%s", (_case, given, refusal) => {
    expect(() => new StrictIsolation("main", given as StrictIsolationArgs)).toThrow(refusal);
  });

  it("by the compiler too", () => {
    const { phase: _phase, users: _users, ...rest } = args(1);
    const users = {};
    // @ts-expect-error
    ({ ...rest, users, phase: pulumi.output(3 as const) }) satisfies StrictIsolationArgs;
    // @ts-expect-error
    ({ ...rest, users: pulumi.output(users), phase: 3 }) satisfies StrictIsolationArgs;
    ({ ...rest, users, phase: 3 }) satisfies StrictIsolationArgs;
  });
});
