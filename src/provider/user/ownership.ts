import type { Database } from "../../database/database";
import type { Role } from "../../database/role";
import { classifyStoredHash } from "../../scram/stored-hash";
import { isMistake } from "../mistake";
import { deriveSalt, makerOf } from "./salt";
import type { UserState } from "./state";

/** Whose resource wrote a role's password, going by its salt; `nobody` also where the salt is not to be had. */
export async function ownerOf(
  database: Database,
  role: Role,
  { owner }: UserState,
): Promise<ReturnType<typeof makerOf>> {
  const salt = await storedSalt(database, role);
  return salt === undefined ? "nobody" : makerOf(salt, owner);
}

/**
 * Whether a role has come to belong to somebody else than who is recorded: to another resource, or to the one that takes this
 * one's place in a replacement, which has the same name and another seed.
 */
export async function isTakenFrom(database: Database, role: Role, recorded: UserState): Promise<boolean> {
  const salt = await storedSalt(database, role);
  const maker = salt === undefined ? "nobody" : makerOf(salt, recorded.owner);
  if (salt === undefined || maker === "nobody") return false;
  return maker === "another" || !madeBy(recorded, salt);
}

/** The recorded password, or the next: of an update that was carried out and never recorded. */
function madeBy({ verifier, saltSeed, username, generation, owner }: UserState, salt: Buffer): boolean {
  if (saltSeed === undefined || saltOf(verifier ?? null)?.equals(salt)) return true;
  return [generation, generation + 1].some((n) => deriveSalt(saltSeed, username, n, owner).equals(salt));
}

async function storedSalt(database: Database, role: Role): Promise<Buffer | undefined> {
  return role.storedHash.readable ? saltOf(role.storedHash.hash) : askedSalt(database, role.name);
}

function saltOf(hash: string | null): Buffer | undefined {
  const stored = classifyStoredHash(hash);
  return stored.kind === "scram-sha-256" ? stored.verifier.salt : undefined;
}

async function askedSalt(database: Database, name: string): Promise<Buffer | undefined> {
  try {
    const challenge = await database.challenge(name);
    return challenge.asks === "scram-sha-256" ? challenge.salt : undefined;
  } catch (error) {
    // A server that does not even answer the user says nothing about the salt; what follows meets the reason itself.
    if (isMistake(error)) return undefined;
    throw error;
  }
}
