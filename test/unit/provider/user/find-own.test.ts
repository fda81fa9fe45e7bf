import { expect, it } from "vitest";
import type { Database } from "../../../../src/database/database";
import type { Role, RoleIdentity } from "../../../../src/database/role";
import { findOwn } from "../../../../src/provider/user/find-own";
import type { UserState } from "../../../../src/provider/user/state";

const OURS = "SCRAM-SHA-256$4096:ours";
const RECORDED: RoleIdentity = { product: "postgresql", cluster: "A", oid: "16384" };

/** A server on which a role of the recorded name is. */
function serverWith(identity: Partial<RoleIdentity>, storedHash: Role["storedHash"]): Database {
  const role = { name: "app", identity: { ...RECORDED, ...identity }, storedHash } as Role;
  const database: Partial<Database> = {
    server: "db:5432",
    findRole: async () => role,
    nameOf: async () => undefined,
  };
  return database as Database;
}

const hash = (text: string | null): Role["storedHash"] => ({ readable: true, hash: text });
const hidden: Role["storedHash"] = { readable: false } as Role["storedHash"];

it.each<[string, Partial<RoleIdentity>, Role["storedHash"], boolean]>([
  ["the same cluster, whatever the hash", { oid: "1" }, hash("another"), true],
  ["another cluster with the same oid: an upgrade", { cluster: "B" }, hash("another"), true],
  ["another cluster with our verifier: a restored dump", { cluster: "B", oid: "1" }, hash(OURS), true],
  ["another cluster, another oid, another hash", { cluster: "B", oid: "1" }, hash("another"), false],
  ["another cluster, another oid, no password", { cluster: "B", oid: "1" }, hash(null), false],
  ["another cluster, another oid, a hash we may not see", { cluster: "B", oid: "1" }, hidden, false],
  ["another cluster without oids", { cluster: "B", oid: null }, hash("another"), false],
  ["a cluster that does not say which it is", { cluster: null, oid: "1" }, hash("another"), true],
])("%s", async (_case, identity, storedHash, isOurs) => {
  const recorded = { username: "app", verifier: OURS, identity: RECORDED } as UserState;
  const found = findOwn(serverWith(identity, storedHash), recorded);
  if (isOurs) expect(await found).toMatchObject({ name: "app" });
  else await expect(found).rejects.toThrow(/^db:5432 is not the server that user "app" was created on/);
});
