import { MAX_ITERATIONS, MAX_PORTABLE_ITERATIONS } from "../../../scram/iterations";
import { unportable } from "../../../scram/portability";
import { classifyStoredHash } from "../../../scram/stored-hash";
import { verifyPassword } from "../../../scram/verifier";
import { type Props, warn } from "../../protocol/wire";
import type { UserState } from "../state";
import { isPasswordless } from "./arguments";

/** Whether a hash, be it ours or what somebody else put in its place, is one of that password. */
export async function isPasswordOf(hash: string | undefined, password: string): Promise<boolean> {
  const stored = classifyStoredHash(hash ?? null);
  // A count beyond our own bound was not made by us, and to compute it could take hours: treated as another password.
  if (stored.kind !== "scram-sha-256" || stored.verifier.iterations > MAX_ITERATIONS) return false;
  return verifyPassword(password, stored.verifier);
}

/** How many verifiers of earlier passwords are kept. */
export function remembered({ passwordHistory }: Props): number {
  return typeof passwordHistory === "number" ? passwordHistory : 0;
}

/** What was declared until now comes to what is remembered, the latest first; not what somebody else put in its place. */
export function historyAfterRotation(args: Props, old: UserState): string[] {
  const superseded = old.declaredVerifier ?? old.verifier;
  return [...(superseded === undefined ? [] : [superseded]), ...old.history].slice(0, remembered(args));
}

/**
 * What the user's own rules have against the password; never the password itself.
 *
 * @param next the verifier of another password than the declared one; `undefined` where it is the same
 */
export async function policyFailure(
  args: Props,
  old: UserState,
  next: string | undefined,
): Promise<string | undefined> {
  const { username, password, minLength, rotationKey, passwordHistory } = args;
  const rotates = next !== undefined;
  if (typeof password === "string" && typeof minLength === "number" && [...password].length < minLength) {
    return `the password of user "${username}" is shorter than ${minLength} characters (minLength)`;
  }
  const isDue = old.rotationKey !== undefined && rotationKey !== undefined && rotationKey !== old.rotationKey;
  if (isDue && !rotates && !isPasswordless(args)) {
    return `the password of user "${username}" is due: rotationKey changed, so a new password is needed, but this is still the old one`;
  }
  if (rotates && typeof passwordHistory === "number") {
    const remembered = old.history.slice(0, passwordHistory);
    const used = await Promise.all(
      remembered.map((hash) => (typeof password === "string" ? isPasswordOf(hash, password) : hash === next)),
    );
    if (used.includes(true)) {
      return `the password of user "${username}" is one of its last ${passwordHistory} (passwordHistory); choose one it has not had`;
    }
  }
  return undefined;
}

/** What will make some driver fail to log in, though the server is content. */
export function warnOfPortability({ username, password }: Props, iterations: number): void {
  const problem = typeof password === "string" ? unportable(password) : undefined;
  if (problem !== undefined) warn(`user "${username}": the password ${problem}; some may fail to log in`);
  if (typeof password === "string" && /[\r\n]$/.test(password))
    warn(`user "${username}": the password ends with a line end, as a file does that is read whole`);
  if (iterations > MAX_PORTABLE_ITERATIONS) {
    warn(
      `user "${username}": node-postgres and pgjdbc refuse to log in with more than ${MAX_PORTABLE_ITERATIONS} iterations (these are ${iterations})`,
    );
  }
}
