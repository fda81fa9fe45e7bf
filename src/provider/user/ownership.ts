import type { Database } from "../../database/database";
import type { Role } from "../../database/role";
import { classifyStoredHash } from "../../scram/stored-hash";
import { isMistake } from "../mistake";
import { makerOf } from "./salt";
import type { UserState } from "./state";

/** Whose resource wrote a role's password, going by its salt; `nobody` also where the salt is not to be had. */
export async function ownerOf(
  database: Database,
  role: Role,
  { owner, driftCheck }: UserState,
): Promise<ReturnType<typeof makerOf>> {
  const salt = role.storedHash.readable
    ? saltOf(role.storedHash.hash)
    : driftCheck === "none"
      ? undefined
      : await askedSalt(database, role.name);
  return salt === undefined ? "nobody" : makerOf(salt, owner);
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
