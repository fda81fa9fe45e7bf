import { createHash, randomBytes } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Props, UNKNOWN } from "../../../src/provider/protocol/wire";
import type { UserState } from "../../../src/provider/user/state";
import { checkSet } from "../../../src/provider/user-set/check";
import { comparedWithOthers } from "../../../src/provider/user-set/isolated-users";
import { setFromProps, setToInputs } from "../../../src/provider/user-set/state";
import { deriveVerifier, formatVerifier } from "../../../src/scram";
import { isWrapped, unwrap } from "../../support/engine-side";

const said = vi.spyOn(console, "error").mockImplementation(() => {});
const lines = () => said.mock.calls.flat().join("\n");
afterEach(() => said.mockClear());

type Arguments = Record<string, string | object>;
type Entry = { verifier: string; isolated?: boolean; declaredVerifier?: string };

const ITERATIONS = 4096;
const verifierOf = async (password: string) =>
  formatVerifier(await deriveVerifier(password, { salt: randomBytes(16), iterations: ITERATIONS }));
const md5Of = (name: string, password: string) =>
  `md5${createHash("md5").update(`${password}${name}`).digest("hex")}`;

/** One `up` after another, by the answers of `check`; and the server that they go to. */
class Server {
  /** `undefined` where the administrator may not read it. */
  readonly hashes = new Map<string, string | undefined>();
  recorded: Props = {};

  /** @param users their passwords, or other arguments */
  async up(phase: 1 | 2 | 3, users: Arguments, more: object = {}): Promise<Record<string, Entry>> {
    const inputs = await this.check(phase, users, more);
    this.recorded = inputs;
    const entries = inputs.users as unknown as Record<string, Entry>;
    for (const [name, { verifier }] of Object.entries(entries)) this.hashes.set(name, verifier);
    return entries;
  }

  async check(phase: 1 | 2 | 3, users: Arguments, more: object = {}): Promise<Props> {
    const entries = Object.entries(users).map(([name, args]) => [
      name,
      typeof args === "string" ? { password: args, iterations: ITERATIONS } : args,
    ]);
    const news = { users: Object.fromEntries(entries), isolated: phase === 3, ...more };
    const { inputs, failures = [] } = await checkSet(this.recorded, news, async (name) =>
      this.hashes.has(name) ? this.hashes.get(name) : null,
    );
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
    for (const hidden of [inputs?.seen].filter((value) => value !== undefined))
      expect(isWrapped(hidden)).toBe(true);
    return unwrap(inputs);
  }

  /** A hash that somebody else has put there, as a refresh finds it. */
  refreshed(name: string, hash: string): void {
    const entries = this.recorded.users as unknown as Record<string, Entry>;
    const { verifier, ...entry } = entries[name] as Entry;
    const found = { ...entry, verifier: hash, declaredVerifier: verifier };
    this.recorded = { ...this.recorded, users: { ...entries, [name]: found } } as Props;
    this.hashes.set(name, hash);
  }
}

const SEEN = /the server may have seen the password of user "\w+"/;

describe("what the server may have seen is refused in phase 3", () => {
  it.each<[string, (server: Server) => Promise<unknown>]>([
    [
      "the password of before",
      async (server) => {
        await server.up(1, { app: "first" });
        await server.up(2, { app: "first" });
        return server.up(3, { app: "first" });
      },
    ],
    [
      "one of long before",
      async (server) => {
        await server.up(1, { app: "first" });
        await server.up(1, { app: "second" });
        await server.up(2, { app: "third" });
        return server.up(3, { app: "first" });
      },
    ],
    [
      "one of long before, once phase 3 is reached",
      async (server) => {
        await server.up(1, { app: "first" });
        await server.up(3, { app: "third" });
        await server.up(3, { app: "fourth" });
        return server.up(3, { app: "first" });
      },
    ],
    [
      "that of a user who gets another name",
      async (server) => {
        await server.up(2, { old: "first" });
        return server.up(3, { new: "first" });
      },
    ],
    [
      "that of a user who was left out meanwhile",
      async (server) => {
        await server.up(1, { app: "first", other: "x1" });
        await server.up(2, { other: "x1" });
        await server.up(3, { other: "x2" });
        return server.up(3, { other: "x2", app: "first" });
      },
    ],
    [
      "those of two users who swap theirs",
      async (server) => {
        await server.up(2, { a: "one", b: "two" });
        return server.up(3, { a: "two", b: "one" });
      },
    ],
    [
      "that of another user, for a new one",
      async (server) => {
        await server.up(2, { a: "one" });
        return server.up(3, { a: "new", b: "one" });
      },
    ],
    [
      "that of a role before it was adopted, whose verifier the server had made",
      async (server) => {
        server.hashes.set("app", await verifierOf("theirs"));
        await server.up(1, { app: "first" });
        await server.up(2, { app: "first" });
        return server.up(3, { app: "theirs" });
      },
    ],
    [
      "that of a role before it was adopted, as md5",
      async (server) => {
        server.hashes.set("app", md5Of("app", "theirs"));
        await server.up(1, { app: "first" });
        return server.up(3, { app: "theirs" });
      },
    ],
    [
      "that of a role before it was adopted, as md5, for a user with another name",
      async (server) => {
        server.hashes.set("app", md5Of("app", "theirs"));
        await server.up(1, { app: "first" });
        return server.up(3, { renamed: "theirs" });
      },
    ],
    [
      "that of a role that is adopted in phase 3",
      async (server) => {
        await server.up(2, { other: "x1" });
        server.hashes.set("app", await verifierOf("theirs"));
        return server.up(3, { other: "x2", app: "theirs" });
      },
    ],
    [
      "one that was set by hand, and found by a refresh",
      async (server) => {
        await server.up(1, { app: "first" });
        server.refreshed("app", await verifierOf("by hand"));
        await server.up(2, { app: "first" });
        return server.up(3, { app: "by hand" });
      },
    ],
    [
      "one that was set by hand, found by nobody",
      async (server) => {
        await server.up(2, { app: "first" });
        server.hashes.set("app", await verifierOf("by hand"));
        return server.up(3, { app: "by hand" });
      },
    ],
    [
      "one that was set by hand in phase 3",
      async (server) => {
        await server.up(2, { app: "first" });
        await server.up(3, { app: "second" });
        server.refreshed("app", await verifierOf("by hand"));
        return server.up(3, { app: "by hand" });
      },
    ],
    [
      "a ready-made verifier, byte for byte",
      async (server) => {
        const verifier = await verifierOf("theirs");
        await server.up(2, { app: { verifier } });
        return server.up(3, { app: { verifier } });
      },
    ],
    [
      "the password that a ready-made verifier was of",
      async (server) => {
        await server.up(2, { app: { verifier: await verifierOf("theirs") } });
        return server.up(3, { app: "theirs" });
      },
    ],
    [
      "that of phase 3, once the phases began again",
      async (server) => {
        await server.up(3, { app: "first" });
        await server.up(1, { app: "first" });
        await server.up(2, { app: "first" });
        return server.up(3, { app: "first" });
      },
    ],
  ])("%s", async (_case, story) => {
    await expect(story(new Server())).rejects.toThrow(SEEN);
  });

  it("without a word on whose it was", async () => {
    const server = new Server();
    await server.up(2, { first: "one", second: "two" });
    const refused = server.up(3, { first: "new", second: "one" });
    await expect(refused).rejects.toThrow(
      /^users.second: the server may have seen the password of user "second", for a user of this set had it before phase 3; give another one$/,
    );
  });
});

describe("who counts as isolated in phase 3", () => {
  const isolated = (entries: Record<string, Entry>) =>
    Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, entry.isolated === true]));

  it("nobody before", async () => {
    const server = new Server();
    expect(isolated(await server.up(1, { app: "first" }))).toEqual({ app: false });
    expect(isolated(await server.up(2, { app: "second" }))).toEqual({ app: false });
  });

  it("a user with another password, for as long as it stays; with a higher iteration count too", async () => {
    const server = new Server();
    await server.up(2, { app: "first" });
    const made = await server.up(3, { app: "second" });
    expect(isolated(made)).toEqual({ app: true });
    expect(await server.up(3, { app: "second" })).toEqual(made);
    const more = { app: { password: "second", iterations: 5000 } };
    expect(isolated(await server.up(3, more))).toEqual({ app: true });
  });

  it("a new one, one that has no password, and one with a new name and its password of phase 3", async () => {
    const server = new Server();
    await server.up(2, { app: "first" });
    await server.up(3, { app: "second", batch: { passwordless: true } });
    const users = { renamed: "second", late: "third", batch: { passwordless: true } };
    expect(isolated(await server.up(3, users))).toEqual({ renamed: true, late: true, batch: true });
  });

  it("one with another spelling of its name, which CockroachDB takes for the same", async () => {
    const server = new Server();
    await server.up(2, { App: "first" });
    const { App } = await server.up(3, { App: "second" });
    server.hashes.set("app", App?.verifier);
    expect(isolated(await server.up(3, { app: "second" }))).toEqual({ app: true });
  });

  it("not one with a ready-made verifier, which is said once", async () => {
    const server = new Server();
    await server.up(2, { app: { verifier: await verifierOf("theirs") } });
    const other = { app: { verifier: await verifierOf("theirs") } };
    expect(isolated(await server.up(3, other))).toEqual({ app: false });
    expect(lines()).toMatch(/user "app": of a ready-made verifier nobody can tell .* not count as isolated/);
    said.mockClear();
    expect(isolated(await server.up(3, other))).toEqual({ app: false });
    expect(lines()).toBe("");
    // Its password would be no other one.
    expect(isolated(await server.up(3, { app: "theirs" }))).toEqual({ app: false });
    expect(isolated(await server.up(3, { app: "another" }))).toEqual({ app: true });
  });

  it.each([
    ["bcrypt", "CRDB-BCRYPT$2a$10$jeDfxx9fI7dDp3p0I3BTGOX2uKjnErlmgf74U0bp9KusDpAVypc1."],
    ["a hash that cannot be read", undefined],
  ])("not one that is adopted in phase 3 from %s, until it gets another password", async (_case, hash) => {
    const server = new Server();
    await server.up(2, { other: "x1" });
    server.hashes.set("app", hash);
    expect(isolated(await server.up(3, { other: "x2", app: "theirs" }))).toEqual({ other: true, app: false });
    expect(lines()).toMatch(/user "app": .* cannot be told; the user does not count as isolated/);
    expect(isolated(await server.up(3, { other: "x2", app: "theirs" }))).toMatchObject({ app: false });
    expect(isolated(await server.up(3, { other: "x2", app: "new" }))).toMatchObject({ app: true });
  });

  it("not one whose password the server has hashed by itself; but one whose drift is put right", async () => {
    const server = new Server();
    await server.up(3, { app: "first", other: "second" });
    server.refreshed("app", await verifierOf("first"));
    server.refreshed("other", await verifierOf("by hand"));
    const users = await server.up(3, { app: "first", other: "second" });
    expect(isolated(users)).toEqual({ app: false, other: true });
    expect(lines()).toMatch(/user "app": the server has hashed the password itself, so it has seen it/);
    expect(isolated(await server.up(3, { app: "new", other: "second" }))).toMatchObject({ app: true });
  });

  it("is not known before the password is", async () => {
    const server = new Server();
    await server.up(2, { app: "first", other: "x1" });
    const preview = await server.check(3, { app: UNKNOWN, other: "x2" });
    expect(preview).toMatchObject({
      users: { app: { isolated: UNKNOWN }, other: { isolated: true } },
      seen: UNKNOWN,
    });
  });
});

describe("the way there and back", () => {
  it("shows nothing as long as nothing changes", async () => {
    const server = new Server();
    server.hashes.set("app", await verifierOf("theirs"));
    for (const [phase, password] of [
      [1, "first"],
      [3, "second"],
    ] as const) {
      await server.up(phase, { app: password });
      const { recorded } = server;
      await server.up(phase, { app: password });
      expect(server.recorded).toEqual(recorded);
      expect(unwrap(setToInputs(setFromProps(recorded)))).toEqual(recorded);
    }
  });

  it("back asks for no other passwords", async () => {
    const server = new Server();
    await server.up(2, { app: "first" });
    const { app } = await server.up(3, { app: "second" });
    const back = await server.up(1, { app: "second" });
    expect(back.app).toEqual({ ...app, isolated: undefined });
  });

  it("is a matter of StrictIsolation alone", async () => {
    const ask = vi.fn();
    const { inputs } = await checkSet({}, { users: { app: { password: "pw" } } }, ask);
    expect(ask).not.toHaveBeenCalled();
    expect(Object.keys(inputs ?? {})).toEqual(["users"]);
  });
});

describe("more users than can be compared with each other in half a minute", () => {
  /** Of a thousand users, as many rounds. */
  const costly = async (count: number) => {
    const hash = (await verifierOf("x")).replace(`$${ITERATIONS}:`, "$1000000:");
    return Object.fromEntries(Array.from({ length: count }, (_, i) => [`gone${i}`, [hash]]));
  };

  it("have each its own earlier passwords refused, which is said", async () => {
    const server = new Server();
    await server.up(1, { a: "one", b: "two" });
    server.recorded = { ...server.recorded, seen: await costly(120) };
    await server.check(3, { a: "two", b: "one" });
    expect(lines()).toMatch(
      /the new passwords of 2 users are compared with those that each of them had before/,
    );
    await expect(server.check(3, { a: "one", b: "two" })).rejects.toThrow(/users.a: .*\nusers.b: /);
  });

  it("are compared as far as it goes, first those that have no earlier ones", async () => {
    const recorded = new Map(["a", "b"].map((name) => [name, {} as UserState]));
    const seen = new Map(Object.entries(await costly(50)));
    expect(comparedWithOthers(["a", "c", "b", "d"], recorded, seen)).toEqual(new Set(["c", "d"]));
    expect(comparedWithOthers(["a", "c", "b", "d"], recorded, new Map())).toEqual(
      new Set(["c", "d", "a", "b"]),
    );
  });

  it("are not more for a count that nobody computes", async () => {
    const endless = (await verifierOf("x")).replace(`$${ITERATIONS}:`, "$2000000000:");
    const compared = comparedWithOthers(["a", "b"], new Map(), new Map([["x", [endless]]]));
    expect(compared).toEqual(new Set(["a", "b"]));
  });
});

describe("states of before 0.1.0 had the phase in the rotationKey", () => {
  const BEFORE = "strict isolation, before phase 3";
  const AFTER = "phase 3 of strict isolation: until phase 2 the server may have seen the password";
  async function recordedThen(rotationKey: string, passwords: readonly string[]): Promise<Server> {
    const server = new Server();
    const { app } = await server.up(1, { app: passwords[0] as string });
    const history = await Promise.all(passwords.slice(1).map(verifierOf));
    server.recorded = { users: { app: { ...app, rotationKey, history } } };
    return server;
  }

  it("phase 2 goes on", async () => {
    const server = await recordedThen(`${BEFORE}; may`, ["second", "first"]);
    await server.up(2, { app: { password: "second", iterations: ITERATIONS, rotationKey: "may" } });
    expect(server.recorded).toMatchObject({ isolated: false, users: { app: { rotationKey: "may" } } });
    await expect(server.up(3, { app: "first" })).rejects.toThrow(SEEN);
    await expect(server.up(3, { app: "second" })).rejects.toThrow(SEEN);
    expect((await server.up(3, { app: "third" })).app?.isolated).toBe(true);
  });

  it("phase 3 goes on", async () => {
    const server = await recordedThen(AFTER, ["second", "first"]);
    expect((await server.up(3, { app: "second" })).app).toMatchObject({ isolated: true, generation: 1 });
    await expect(server.up(3, { app: "first" })).rejects.toThrow(SEEN);
  });

  it("phase 2 goes on with the third", async () => {
    const server = await recordedThen(BEFORE, ["first"]);
    await expect(server.up(3, { app: "first" })).rejects.toThrow(SEEN);
  });
});
