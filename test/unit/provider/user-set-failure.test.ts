import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { expect, it } from "vitest";
import { PartialFailure, type Props, secret, unwrapSecrets } from "../../../src/provider/protocol/wire";
import { failure, notAllDeleted } from "../../../src/provider/user-set/failure";
import { setFromProps } from "../../../src/provider/user-set/state";

const entry = {
  verifier: secret(`SCRAM-SHA-256$10610:${"s".repeat(32)}$${"k".repeat(44)}:${"k".repeat(44)}`),
  saltSeed: secret("s".repeat(44)),
  generation: 1,
  iterations: 10_610,
  login: true,
  onDelete: "disable",
  identity: { product: "postgresql", cluster: "7", oid: "42" },
};

const outs = (count: number): Props => ({
  users: Object.fromEntries(Array.from({ length: count }, (_, i) => [`user_number_${i}`, entry])),
  owner: "o/p/s/UserSet::apps",
  connection: secret("postgresql://…"),
});

const sizeOf = (reasons: readonly string[]) => Buffer.byteLength(reasons.join(""));

const one = new Map([["broken", "it exists already"]]);
const fail = (count: number, failures: ReadonlyMap<string, string> = one, done = count) =>
  failure("id", { users: new Map(), failures, done }, outs(count), "code");

it.each([
  [10, "all of it", entry],
  [500, "which role it is, and what its deletion goes by", { onDelete: "disable", oid: "42" }],
])("of %i users, the engine records %s", (count, _what, recorded) => {
  const partial = fail(count) as PartialFailure;

  expect(partial).toBeInstanceOf(PartialFailure);
  expect(partial.properties).toMatchObject({ __provider: "code", owner: "o/p/s/UserSet::apps" });
  const users = Object.values(partial.properties.users ?? {});
  expect(users).toHaveLength(count);
  expect(users[0]).toEqual(recorded);
  // What Node sends in headers: 64 KiB, in base64.
  expect((JSON.stringify(partial.properties).length * 4) / 3).toBeLessThan(64 * 1024);
});

it("the passwords that a server has seen are recorded with all of it, and else left to the inputs, as secrets", () => {
  const verifiers = Array.from({ length: 24 }, (_, i) => `SCRAM-SHA-256$10610:${i}`);
  const seen = secret({ gone: verifiers });
  const withSeen = (count: number) =>
    failure(
      "id",
      { users: new Map(), failures: one, done: 1 },
      { ...outs(count), isolated: true, seen },
      "code",
    ) as PartialFailure;
  expect(withSeen(10).properties).toMatchObject({ isolated: true, seen });
  expect(withSeen(500).properties).toMatchObject({ isolated: true, incomplete: true });
  expect(withSeen(500).properties).not.toHaveProperty("seen");
});

it("what is not whole still tells the role of each user", () => {
  const { properties } = fail(500) as PartialFailure;
  const user = setFromProps(unwrapSecrets(properties)).users.get("user_number_7");
  expect(user).toMatchObject({ identity: entry.identity, onDelete: "disable", verifier: undefined });
});

it("what is recorded fits into Node's headers, up to the last user", () => {
  const sizes = Array.from({ length: 100 }, (_, i) => fail((i + 1) * 12)).map((failed) =>
    failed instanceof PartialFailure
      ? Struct.fromJavaScript(failed.properties as never).serializeBinary().length + sizeOf(failed.reasons)
      : 0,
  );
  // Base64, and room for what else is in them.
  expect(Math.max(...sizes) * (4 / 3)).toBeLessThan(64 * 1024 - 2_000);
  // More room than this would be wasted on nobody.
  expect(Math.max(...sizes)).toBeGreaterThan(46_000);
});

it("of too many users for a header it records nothing", () => {
  const failed = fail(5_000);
  expect(failed).not.toBeInstanceOf(PartialFailure);
  expect(failed.message).toBe('user "broken": it exists already');
});

it("when nothing was done, nothing is recorded", () => {
  expect(fail(0)).not.toBeInstanceOf(PartialFailure);
});

it("one reason for many is said once, also where their names stand in it; many are cut short", () => {
  const all = (reason: (i: number) => string) =>
    new Map(Array.from({ length: 30 }, (_, i) => [`user${i}`, reason(i)]));
  const others = Array.from({ length: 20 }, (_, i) => `"user${i + 1}"`).join(", ");
  expect(
    fail(
      0,
      all((i) => `could not create role "user${i}": permission denied`),
    ).message,
  ).toBe(
    `user "user0": could not create role "user0": permission denied; the same for ${others}, and 9 more`,
  );
  const lines = fail(
    0,
    all((i) => `reason ${i}`),
  ).message.split("\n");
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe("and 10 more");
});

it.each([
  [0, ""],
  [1, ", or run `pulumi refresh`: the other one is deleted, though still in the state"],
  [7, ", or run `pulumi refresh`: the 7 others are deleted, though still in the state"],
])("a deletion that fails for one says what the engine does not record of the %i others", (done, rest) => {
  expect(notAllDeleted(new Map([["app", "it owns a table"]]), done).message).toBe(
    `user "app": it owns a table; fix the cause and delete again${rest}`,
  );
});
