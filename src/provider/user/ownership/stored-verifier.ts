import type { Database } from "../../../database/contract/database";
import type { Role } from "../../../database/contract/role";
import { isUserError } from "../../../errors";
import { cut, MAX_SERVER_WORDS } from "../../../printable";
import { classifyStoredHash } from "../../../scram/stored-hash";

/**
 * Whether the server holds this verifier for a role: by the stored hash, or where that is hidden, by the salt that it asks
 * for at login, which others can copy. `undefined` where it cannot be told.
 */
export async function holdsVerifier(
  database: Database,
  role: Role,
  verifier: string | undefined,
): Promise<boolean | undefined> {
  if (role.storedHash.readable) return role.storedHash.hash === (verifier ?? null);
  try {
    const asked = await asksFor(database, role, verifier);
    return typeof asked === "boolean" ? asked : undefined;
  } catch (error) {
    // A server that does not even answer the user says nothing about the salt; what follows meets the reason itself.
    if (isUserError(error)) return undefined;
    throw error;
  }
}

/** Whether the server asks for this verifier's salt and iteration count; or why it cannot be told. */
export async function asksFor(
  database: Database,
  { name, options: { validUntil } }: Role,
  verifier: string | undefined,
): Promise<boolean | { readonly unknown: string }> {
  const ours = classifyStoredHash(verifier ?? null);
  if (ours.kind !== "scram-sha-256") return { unknown: "it is no SCRAM verifier" };
  // PostgreSQL answers for an expired password as for a missing one: with a salt that it makes up.
  if (validUntil != null && !(Date.parse(validUntil) > Date.now()))
    return { unknown: "it has expired, and the server no longer reveals its salt" };
  const challenge = await database.challenge(name);
  switch (challenge.asks) {
    case "scram-sha-256":
      return challenge.iterations === ours.verifier.iterations && challenge.salt.equals(ours.verifier.salt);
    case "refused":
      return {
        unknown: `the server refuses the login before it asks for anything: ${cut(challenge.reason, MAX_SERVER_WORDS)}`,
      };
    default:
      return { unknown: `the server asks this machine for ${challenge.asks}, not for SCRAM` };
  }
}
