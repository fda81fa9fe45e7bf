import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import {
  AlternatingUsers,
  AuthSettings,
  HbaConfig,
  Provider,
  ScramUser,
  ScramUserSet,
  StrictIsolation,
} from "../../../src";

const ENTRY = { generation: 2, iterations: 4096, login: true, saltSeed: "seed", history: ["earlier"] };
const STATES: Readonly<Record<string, object>> = {
  "pulumi-nodejs:dynamic/scram:UserSet": {
    users: {
      app: { ...ENTRY, verifier: pulumi.secret("the verifier") },
      group: { generation: 0, login: false },
      isolated: { ...ENTRY, verifier: "another", isolated: true },
    },
  },
};
beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: ({ type, inputs, name }) => ({ id: name, state: { ...inputs, ...STATES[type] } }),
    call: ({ inputs }) => inputs,
  }),
);

async function settled<T>(output: pulumi.Output<T>): Promise<{ value: T; isSecret: boolean }> {
  const value = await new Promise<T>((resolve) => void output.apply((known) => resolve(known as T)));
  return { value, isSecret: await pulumi.isSecret(output) };
}

describe("the outputs of a set", () => {
  it("are its users without a secret, and their verifiers as one", async () => {
    const set = new ScramUserSet("all", { users: { app: { password: "pw" } } });

    expect(await settled(set.users)).toEqual({
      isSecret: false,
      value: {
        app: { generation: 2, iterations: 4096, login: true },
        group: { generation: 0, login: false },
        isolated: { generation: 2, iterations: 4096, login: true, isolated: true },
      },
    });
    expect(await settled(set.verifiers)).toEqual({
      isSecret: true,
      value: { app: "the verifier", isolated: "another" },
    });
  });
});

describe("a mocked user", () => {
  it("lacks what its mock does not give: verifier and generation are undefined", async () => {
    const app = new ScramUser("app", { username: "app", password: "pw" });

    for (const output of [app.generation, app.verifier])
      expect((await settled<unknown>(output)).value).toBeUndefined();
  });
});

describe("the outputs of settings", () => {
  it("are what was declared", async () => {
    const settings = new AuthSettings("auth", { product: "cockroachdb", defaultCostScramSha256: 20_000 });

    const outputs = [settings.product, settings.defaultCostScramSha256, settings.minPasswordLength];
    expect(await Promise.all(outputs.map(async (output) => (await settled<unknown>(output)).value))).toEqual([
      "cockroachdb",
      20_000,
      undefined,
    ]);
  });
});

describe("whoever gives no arguments at all, as JavaScript may, is told what is missing", () => {
  it.each([ScramUser, ScramUserSet, AuthSettings, HbaConfig, Provider])(
    "by the provider: %o",
    async (Resource) => {
      const resource = new Resource("odd", undefined as never);
      expect((await settled(resource.urn)).value).toContain("odd");
    },
  );

  it.each([
    [AlternatingUsers, /^AlternatingUsers "odd": rotation is missing$/],
    [StrictIsolation, /^StrictIsolation "odd": phase must be the number 1, 2 or 3/],
  ] as const)("by the component: %o", (Component, sentence) => {
    expect(() => new Component("odd", undefined as never)).toThrow(sentence);
  });
});
