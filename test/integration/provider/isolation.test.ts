import { randomBytes } from "node:crypto";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { isolationProvider } from "../../../src/provider/isolation/isolation";
import type { Props } from "../../../src/provider/protocol/wire";
import { userSetProvider } from "../../../src/provider/user-set/user-set";
import { deriveVerifier, formatVerifier } from "../../../src/scram";
import { startPostgres } from "../../../tools/postgres/server.mts";
import { check, configured, unwrap } from "../../support/engine-side";
import { forEachTarget, type Target } from "../../support/targets";

const said = vi.spyOn(console, "error").mockImplementation(() => {});
const lines = () => said.mock.calls.flat().join("\n");
afterEach(() => said.mockClear());

/** A role with a hash of the kind that SCRAM takes the place of. */
const createOld = async ({ product, sql }: Target, name: string) => {
  const bcrypt = "CRDB-BCRYPT$2a$10$jeDfxx9fI7dDp3p0I3BTGOX2uKjnErlmgf74U0bp9KusDpAVypc1.";
  return product === "cockroachdb"
    ? sql(`CREATE USER ${name} PASSWORD '${bcrypt}'`)
    : sql(`CREATE ROLE ${name} LOGIN PASSWORD 'md5${"0".repeat(32)}'`);
};

/** Of the engine's calls, those of one `up` after another. */
class Gate {
  readonly #provider;
  inputs: Props = {};
  outs: Props | undefined;

  readonly target: Target;

  constructor(target: Target) {
    this.target = target;
    this.#provider = configured(isolationProvider(), target.url);
  }

  preview(
    phase: number,
    { users = [], ...more }: { users?: string[]; force?: boolean; connection?: string } = {},
  ) {
    const { product } = this.target;
    const text = "host all all all scram-sha-256";
    return check(this.#provider, this.inputs, {
      name: "main",
      product,
      text,
      users,
      phase,
      ...more,
    } as Props);
  }

  async apply(inputs: Props) {
    const { outs } = this.outs
      ? await this.#provider.update("id", this.outs, inputs)
      : await this.#provider.create(inputs);
    this.inputs = inputs;
    this.outs = unwrap(outs);
  }

  async up(...args: Parameters<Gate["preview"]>) {
    await this.apply(await this.preview(...args));
  }
}

forEachTarget((target) => {
  it("whoever is left behind stops a preview and the `up` alike, and whoever is declared neither", async () => {
    const gate = new Gate(target);
    await gate.up(1);
    await createOld(target, "late");

    await expect(gate.preview(2)).rejects.toThrow(/having no SCRAM verifier: "late"/);
    // It came after the preview.
    const declared = await gate.preview(2, { users: ["late"] });
    await expect(gate.apply(declared)).rejects.toThrow(/having no SCRAM verifier: "late"/);

    await gate.up(2, { force: true });
    expect(lines()).toMatch(/"late".*; they are left behind/);
    const unforced = /having no SCRAM verifier: "late"/;
    await expect(gate.preview(2)).rejects.toThrow(unforced);
    await expect(gate.apply({ ...gate.inputs, force: false })).rejects.toThrow(unforced);
    // Another way to the same server.
    const connection = `${target.url}${target.url.includes("?") ? "&" : "?"}application_name=x`;
    await expect(gate.preview(2, { connection })).rejects.toThrow(unforced);
    await expect(gate.preview(2, { connection, force: true })).resolves.toBeDefined();

    // First declared in phase 3.
    said.mockClear();
    await gate.up(3, { users: ["late"] });
    expect(lines()).not.toContain('"late"');
    await gate.up(3);
    // What is there already goes on.
    const unchanged = await gate.preview(3);
    expect(unchanged).toEqual(gate.inputs);
    await target.sql("DROP ROLE late");
  });

  it("roles with a verifier that are not declared are named in phase 3", async () => {
    await target.sql("CREATE ROLE stranger LOGIN PASSWORD 'the server sees this'");
    const gate = new Gate(target);
    await gate.up(1);
    await gate.up(2, { force: true });
    expect(lines()).not.toMatch(/not declared here/);
    await gate.up(3, { force: true });
    expect(lines()).toMatch(/whether the server has seen the password is not known here: .*"stranger"/);
    await target.sql("DROP ROLE stranger");
  });

  it("the passwords that roles had before they were adopted do not come back in phase 3", async () => {
    // As the server makes one of a password that it is sent.
    const made = await deriveVerifier("theirs", { salt: randomBytes(16), iterations: 4096 });
    await target.sql(`CREATE ROLE app LOGIN PASSWORD '${formatVerifier(made)}'`);
    const provider = configured(userSetProvider(), target.url);
    const of = (phase: number, password: string): Props => ({
      users: { app: { password, adopt: true, onDelete: "drop" } },
      isolated: phase === 3,
    });
    const first = await check(provider, {}, of(1, "first"));
    const created = unwrap((await provider.create(first)).outs);
    expect(await target.login("app", "first")).toBe("app");

    await expect(check(provider, first, of(3, "first"))).rejects.toThrow(/may have seen the password/);
    await expect(check(provider, first, of(3, "theirs"))).rejects.toThrow(/may have seen the password/);

    // A refresh that does not find the role does not forget them either.
    await target.sql("DROP ROLE app");
    const refreshed = unwrap((await provider.read("id", created)).inputs);
    expect(refreshed).toMatchObject({ users: {}, isolated: false });
    for (const password of ["first", "theirs"])
      await expect(check(provider, refreshed, of(3, password))).rejects.toThrow(/may have seen the/);

    const third = await check(provider, first, of(3, "third"));
    expect(third).toMatchObject({ isolated: true, users: { app: { isolated: true, generation: 2 } } });
    const updated = unwrap((await provider.update("id", created, third)).outs);
    expect(await target.login("app", "third")).toBe("app");
    // A refresh finds nothing else.
    expect(unwrap((await provider.read("id", updated)).inputs)).toEqual(third);
    expect(await check(provider, third, of(3, "third"))).toEqual(third);
    await provider.delete("id", updated);
  });
});

it("another server begins with phase 1", async () => {
  const servers = [await startPostgres(), await startPostgres()] as const;
  onTestFinished(async () => void (await Promise.all(servers.map((server) => server.stop()))));
  const target = { product: "postgresql", url: servers[0].url } as Target;
  const gate = new Gate(target);
  await gate.up(1);
  await gate.up(2);
  const connection = servers[1].url;
  for (const phase of [2, 3]) {
    const refusal =
      /is not the server that phase 2 was reached on, and begins with phase 1: phase . cannot be/;
    await expect(gate.preview(phase, { connection })).rejects.toThrow(refusal);
    await expect(gate.apply({ ...gate.inputs, phase, connection })).rejects.toThrow(refusal);
  }
  // By way of the Provider, of which a resource records nothing.
  const elsewhere = new Gate({ product: "postgresql", url: connection } as Target);
  Object.assign(elsewhere, { inputs: gate.inputs, outs: gate.outs });
  await expect(elsewhere.preview(2)).rejects.toThrow(/is not the server that phase 2 was reached on/);
  await expect(elsewhere.preview(3)).rejects.toThrow(/is not the server that phase 2 was reached on/);

  // Forced, it is the recorded one from then on.
  await elsewhere.up(2, { force: true });
  await elsewhere.up(2);

  await gate.up(1, { connection });
  await gate.up(2, { connection });
  await expect(gate.preview(2)).rejects.toThrow(/begins with phase 1/);
  await gate.up(3, { connection });
});
