import { describe, expect, it } from "vitest";
import type { Challenge } from "../../../../src/database/connection/login/challenge";
import type { Database } from "../../../../src/database/contract/database";
import type { Role, RoleIdentity } from "../../../../src/database/contract/role";
import { findRecorded } from "../../../../src/provider/user/ownership/whereabouts";
import type { UserState } from "../../../../src/provider/user/state";
import { formatVerifier } from "../../../../src/scram";

const salt = Buffer.alloc(16, 7);
const keys = { storedKey: Buffer.alloc(32), serverKey: Buffer.alloc(32) };
const OURS = formatVerifier({ iterations: 4096, salt, ...keys });
const RECORDED: RoleIdentity = { product: "postgresql", cluster: "A", oid: "16384" };

/** A server with one role, of the recorded name unless told otherwise. */
function serverWith(
  cluster: string | null,
  { name = "app", oid }: { name?: string; oid: string | null },
  storedHash: Role["storedHash"],
  asked: Challenge = { asks: "something else" },
): Database {
  const found = { name, identity: { ...RECORDED, cluster, oid }, options: {}, storedHash } as Role;
  const database: Partial<Database> = {
    server: "db:5432",
    roleId: (wanted) => wanted,
    cluster: async () => cluster,
    findRole: async (wanted) => (wanted === name ? found : undefined),
    nameOf: async (identity) => (identity.oid === oid ? name : undefined),
    challenge: async () => asked,
  };
  return database as Database;
}

const hash = (text: string | null): Role["storedHash"] => ({ readable: true, hash: text });
const hidden: Role["storedHash"] = { readable: false };
const asks = (theirs: Buffer, iterations = 4096): Challenge => ({
  asks: "scram-sha-256",
  salt: theirs,
  iterations,
  mechanisms: [],
});

const OID = { oid: "16384" };
const ANOTHER_OID = { oid: "1" };

it.each<[string, Database, "there" | "gone" | "on another server" | "refused"]>([
  ["the same cluster and oid, whatever the hash", serverWith("A", OID, hash("another")), "there"],
  ["the same oid under another name", serverWith("A", { name: "other", ...OID }, hash("another")), "there"],
  ["another oid, though the hash is ours", serverWith("A", ANOTHER_OID, hash(OURS)), "gone"],
  ["no role of that name", serverWith("A", { name: "other", ...ANOTHER_OID }, hash(OURS)), "gone"],
  ["a server without oids: the name has to do", serverWith("A", { oid: null }, hash("another")), "there"],
  ["a server that does not say which it is: the oid has to do", serverWith(null, OID, hash("x")), "there"],
  ["such a server, and another oid", serverWith(null, ANOTHER_OID, hash(OURS)), "gone"],
  [
    "another cluster without the role",
    serverWith("B", { name: "other", ...OID }, hash(OURS)),
    "on another server",
  ],
  ["another cluster with our hash: a restored dump", serverWith("B", ANOTHER_OID, hash(OURS)), "there"],
  ["another cluster with the same oid and hash: an upgrade", serverWith("B", OID, hash(OURS)), "there"],
  ["another cluster, the same oid by chance", serverWith("B", OID, hash("another")), "refused"],
  ["another cluster, the same oid and no password", serverWith("B", OID, hash(null)), "refused"],
  ["an upgrade, the hash hidden", serverWith("B", OID, hidden, asks(salt)), "there"],
  ["by chance, the hash hidden", serverWith("B", OID, hidden, asks(Buffer.alloc(16))), "refused"],
  ["the salt with other iterations", serverWith("B", OID, hidden, asks(salt, 4097)), "refused"],
  ["a copied salt under another oid", serverWith("B", ANOTHER_OID, hidden, asks(salt)), "refused"],
  ["a copied salt on a server without oids", serverWith("B", { oid: null }, hidden, asks(salt)), "refused"],
  ["the hash hidden, and no salt asked for", serverWith("B", OID, hidden), "refused"],
])("%s", async (_case, database, expected) => {
  const recorded = { username: "app", verifier: OURS, identity: RECORDED } as UserState;
  const found = findRecorded(database, recorded);
  if (expected === "refused")
    await expect(found).rejects.toThrow(
      /^db:5432 is not the server that user "app" was created on, and (has|its role)/,
    );
  else expect(await found).toMatchObject({ is: expected });
});

describe("another server's role, which cannot be told to be a copy of ours", () => {
  const recorded = { username: "app", verifier: OURS, identity: RECORDED, adopt: false } as UserState;
  const declared = (adopt: boolean) => ({ ...recorded, adopt }) as UserState;

  it("is adopted where that is declared now, and was not before", async () => {
    const database = serverWith("B", ANOTHER_OID, hash("another"));
    expect(await findRecorded(database, recorded, declared(true))).toMatchObject({ is: "to be adopted" });
    await expect(findRecorded(database, declared(true), declared(true))).rejects.toThrow(
      /run `pulumi state delete` for this resource \(a set .*\): with `adopt: true`, as it is declared/,
    );
    await expect(findRecorded(database, recorded, declared(false))).rejects.toThrow(
      /has a role of that name/,
    );
  });

  it("is not adopted in place of the one with the name that is declared by now", async () => {
    const database = serverWith("B", ANOTHER_OID, hash("another"));
    const renamed = { ...declared(true), username: "other" };
    expect(await findRecorded(database, recorded, renamed)).toEqual({ is: "on another server" });
  });

  it("with the recorded salt, looks like a dump that was restored; the message says so", async () => {
    const database = serverWith("B", ANOTHER_OID, hidden, asks(salt));
    await expect(findRecorded(database, recorded)).rejects.toThrow(
      "and its role of that name asks for the recorded salt; if it was restored from a dump of the old server, declare `adopt: true`, which",
    );
  });
});

describe("a role that somebody renames while it is looked for", () => {
  /** Each look finds it by another name than the one that was just told. */
  function renaming(times: number): Database {
    const database = serverWith("A", { name: "now", oid: "16384" }, hash(OURS));
    const { findRole } = database;
    let left = times;
    return { ...database, findRole: async (wanted) => (left-- > 0 ? undefined : findRole(wanted)) };
  }
  const recorded = { username: "app", identity: RECORDED, verifier: OURS } as UserState;

  it("is not gone", async () => {
    expect(await findRecorded(renaming(4), recorded)).toMatchObject({ is: "there", role: { name: "now" } });
  });

  it("again and again is an error", async () => {
    await expect(findRecorded(renaming(99), recorded)).rejects.toThrow(/somebody keeps renaming the role/);
  });
});
