import type { Database } from "../../database/database";
import type { Role } from "../../database/role";
import { classifyStoredHash } from "../../scram/stored-hash";
import { isMistake } from "../mistake";
import { deriveSalt, makerOf } from "./salt";
import type { UserState } from "./state";

/** Which resource wrote a role's password, going by its salt; `nobody` also where the salt is not to be had. */
export async function makerOfRole(
  database: Database,
  role: Role,
  { owner }: UserState,
): Promise<ReturnType<typeof makerOf>> {
  const salt = await storedSalt(database, role);
  return salt === undefined ? "nobody" : makerOf(salt, owner);
}

/**
 * Whether a role still belongs to the resource that is recorded: `another's` when another resource has written its password since,
 * `a twin's` when it was the one that takes this one's place in a replacement, which has the same name and another seed.
 *
 * @param next the verifier that is to be written, which an update that was never recorded may have written already
 */
export async function ownership(
  database: Database,
  role: Role,
  recorded: UserState,
  next?: string,
): Promise<"ours" | "a twin's" | "another's" | "unknown"> {
  const salt = await storedSalt(database, role);
  if (salt === undefined) return "unknown";
  // Whoever made it: a verifier may be declared that another resource made, for the same user on another server.
  // What a refresh found in its place proves nothing.
  const { verifier, declaredVerifier = verifier } = recorded;
  if ([declaredVerifier, next].some((own) => saltOf(own ?? null)?.equals(salt))) return "ours";
  const maker = makerOf(salt, recorded.owner);
  if (maker === "nobody") return "unknown";
  if (maker === "another") return "another's";
  return isNextSalt(salt, role, recorded) ? "ours" : "a twin's";
}

/** Of an update that was carried out and never recorded, a rename perhaps among it. */
function isNextSalt(salt: Buffer, role: Role, { saltSeed, username, generation, owner }: UserState): boolean {
  if (saltSeed === undefined) return true;
  return [username, role.name].some((name) =>
    [generation, generation + 1].some((n) => deriveSalt(saltSeed, name, n, owner).equals(salt)),
  );
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
