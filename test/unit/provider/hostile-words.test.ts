import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AccessFacts } from "../../../src/database/contract/access";
import type { Database } from "../../../src/database/contract/database";
import type { Role } from "../../../src/database/contract/role";
import { UserError } from "../../../src/errors";
import { hba, settings, user, userSet } from "../../../src/provider";
import {
  PartialFailure,
  type Props,
  type Provider,
  unwrapSecrets,
  warn,
  warnOnce,
} from "../../../src/provider/protocol/wire";
import { withoutStacks } from "../../../src/provider/protocol/without-stacks";
import { role, scram } from "../../support/audit";
import { hostileText, unprintable } from "../../support/hostile-text";

/** Names, rules and words that others have chosen, on their way through the engine to a terminal or the log of a CI. */

const open = vi.hoisted(() => vi.fn());
vi.mock("../../../src/database/open", () => ({ openDatabase: open }));

const printed = vi.spyOn(console, "error").mockImplementation(() => {});
beforeEach(() => printed.mockClear());

/** What an operation says: the reasons of its refusal, its error, its warnings. A line of each is one line. */
async function said(operation: () => Promise<unknown>): Promise<string[]> {
  printed.mockClear();
  const words: string[] = [];
  try {
    const { failures = [] } = ((await operation()) ?? {}) as { failures?: readonly { reason: string }[] };
    words.push(...failures.map(({ reason }) => reason));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { message, reasons = [] } = error as Error & { reasons?: readonly string[] };
    words.push(...(error instanceof UserError ? message.split("\n") : [message]), String(error), ...reasons);
    expect(unprintable(error.stack ?? "", { lines: true })).toEqual([]);
  }
  return [...words, ...printed.mock.calls.map(([line]) => String(line))];
}

async function expectPrintable(operation: () => Promise<unknown>): Promise<number> {
  const words = await said(operation);
  for (const word of words) expect(unprintable(word)).toEqual([]);
  return words.length;
}

/** A server all of whose words are these; it fails at every change. */
function serverOf(word: string, other: string): Database {
  const found: Role = {
    name: word,
    options: { login: false, validUntil: other },
    memberships: [
      { role: other, admin: true, inherit: null, set: null, ofCreator: false, adminOfCreator: false },
    ],
    settings: { [other]: word },
    superuser: true,
    storedHash: { readable: false },
    identity: { product: "postgresql", cluster: word, oid: "1" },
  };
  const facts: AccessFacts = {
    roles: [role({ name: word, storedHash: scram(4096) }), role({ name: other })],
    hashesReadable: true,
    own: { user: word, database: other, address: "10.0.0.1", tls: false },
    databases: [word, other],
    context: { version: word },
  };
  const refuse = async () => {
    throw new UserError("42501", word, { hint: other });
  };
  return {
    product: "postgresql",
    server: word,
    user: other,
    cluster: async () => other,
    roleId: (name: string) => name,
    findRole: async () => found,
    nameOf: async () => word,
    createRole: refuse,
    alterRole: refuse,
    dropRole: async (_name: string, _newOwner: string, tell: (line: string) => void) => tell(word),
    challenge: async () => ({ asks: "refused", reason: word }),
    hba: {
      read: async () => ({ text: `host all all all scram-sha-256 # ${word}`, snapshot: other }),
      facts: async () => facts,
      write: refuse,
      restore: refuse,
    },
    settings: {
      read: async () => new Map([["password_encryption", { value: "md5", isSet: true }]]),
      write: refuse,
    },
  } as unknown as Database;
}

const CONNECTION = "postgresql://db";
const VERIFIER = `SCRAM-SHA-256$4096:${"A".repeat(22)}==$${"A".repeat(43)}=:${"A".repeat(43)}=`;
const RECORDED = {
  username: "app",
  verifier: VERIFIER,
  connection: CONNECTION,
  adopt: true,
  onDelete: "drop",
};
const SET = { users: { app: { verifier: VERIFIER, adopt: true } }, connection: CONNECTION };
const RULES = {
  product: "postgresql",
  rules: { "000010": "local all all peer" },
  guard: "on",
  connection: CONNECTION,
};
const SETTINGS = { product: "postgresql", passwordEncryption: "scram-sha-256", connection: CONNECTION };

const OPERATIONS: readonly (readonly [string, Provider, Props])[] = [
  ["a user", user, RECORDED],
  ["a set", userSet, SET],
  ["HBA rules", hba, RULES],
  ["HBA rules with a guard that warns", hba, { ...RULES, guard: "warn" }],
  ["settings", settings, SETTINGS],
];

describe("of what a server says, nothing is obeyed", () => {
  it.each(OPERATIONS)("%s: check, create, read, update, delete", async (_what, provider, props) => {
    let words = 0;
    await fc.assert(
      fc.asyncProperty(hostileText, hostileText, async (word, other) => {
        open.mockResolvedValue(serverOf(word, other));
        words += await expectPrintable(() => provider.check({}, props));
        words += await expectPrintable(() => provider.create(props));
        words += await expectPrintable(() => provider.read("id", props));
        words += await expectPrintable(() => provider.update("id", props, props));
        words += await expectPrintable(() => provider.delete("id", props));
      }),
    );
    expect(words).toBeGreaterThan(200);
  });

  it("a refusal of a login is cut", async () => {
    open.mockResolvedValue(serverOf("x".repeat(1_000_000), "y"));
    const words = await said(() => user.read("id", { ...RECORDED, driftCheck: "handshake" }));
    expect(words.join().length).toBeLessThan(100_000);
  });
});

describe("nor of what is declared", () => {
  it.each<[string, Provider, (word: string, other: string) => object]>([
    ["an argument of a user", user, (word, other) => ({ username: other, password: "x", [word]: other })],
    [
      "a name",
      user,
      (word, other) => ({ username: word, password: "", memberOf: [word], reassignOwnedTo: other }),
    ],
    ["a setting", user, (word, other) => ({ username: "a", password: "x", settings: { [word]: other } })],
    ["a user of a set", userSet, (word, other) => ({ users: { [word]: { password: "x", [other]: word } } })],
    ["a default", userSet, (word, other) => ({ users: {}, defaults: { [word]: other } })],
    ["an argument of a set", userSet, (word) => ({ users: {}, [word]: word })],
    [
      "a part of a connection",
      user,
      (word) => ({ username: "a", password: "x", connection: { [word]: word } }),
    ],
    ["a connection", user, (word) => ({ username: "a", password: "x", connection: { sslmode: word } })],
    ["rules", hba, (word, other) => ({ product: "postgresql", text: `${word}\nlocal all ${other} x` })],
    ["a part of a rule", hba, (word, other) => ({ product: "postgresql", rules: [{ [word]: other }] })],
    ["an argument of rules", hba, (word) => ({ product: "postgresql", text: "", [word]: word })],
    ["settings", settings, (word) => ({ product: "postgresql", [word]: word })],
  ])("%s", async (_what, provider, args) => {
    open.mockRejectedValue(new UserError("x", "there is none"));
    let words = 0;
    await fc.assert(
      fc.asyncProperty(hostileText, hostileText, async (word, other) => {
        words += await expectPrintable(() => provider.check({}, args(word, other) as Props));
      }),
    );
    expect(words).toBeGreaterThan(20);
  });
});

it("a warning is one line, and not a long one", () => {
  warn("a\u001b[2J\nwarning: b");
  warnOnce("c\u202ed");
  warn("x".repeat(1_000_000));
  const lines = printed.mock.calls.map(([line]) => String(line));
  expect(lines.slice(0, 2)).toEqual(["warning: a\\u{1b}[2J\\u{a}warning: b", "warning: c\\u{202e}d"]);
  expect(lines[2]?.length).toBeLessThan(21_000);
});

it("nor do the reasons of a partial failure hold any", () => {
  const failure = new PartialFailure("id", { __provider: "" }, ['user "a\nb": \u009b', "c"]);
  expect(failure.reasons).toEqual(['user "a\\u{a}b": \\u{9b}', "c"]);
});

it("nor does what is a bug", async () => {
  const broken: Provider = {
    ...user,
    read: () => Promise.reject(new TypeError("\u001b]0;x\u0007\nwarning: y")),
  };
  const words = await said(() => withoutStacks(broken).read("id", unwrapSecrets({})));
  expect(words[0]).toBe("\\u{1b}]0;x\\u{7}\\u{a}warning: y");
});
