import { DEFAULT_ITERATIONS } from "../../../scram/iterations";
import { classifyStoredHash } from "../../../scram/stored-hash";
import { deriveVerifier } from "../../../scram/verifier";
import { formatVerifier, parseVerifier } from "../../../scram/verifier-text";
import type { Props } from "../../protocol/wire";
import type { UserState } from "../state";
import { isPasswordless } from "./arguments";
import { historyAfterRotation, isPasswordOf, remembered, warnOfPortability } from "./password-rules";
import { deriveSalt } from "./salt";

/** What is decided of a user's password; all that is left of it. */
type Credential = Pick<
  UserState,
  "verifier" | "passwordless" | "declaredVerifier" | "saltSeed" | "generation" | "iterations" | "history"
>;

interface Decision {
  readonly credential: Credential;
  /** Whether it is another password than the declared one, whatever somebody has put in its place. */
  readonly rotates: boolean;
}

/**
 * What the verifier is to be, from the arguments and what is recorded. The same password keeps the recorded verifier byte for
 * byte, whoever made it.
 *
 * @param args as given, all of them known
 * @returns `undefined` where there is neither a password nor a verifier, old or new
 */
export async function decideCredential(
  args: Props,
  old: UserState,
  saltSeed: string | undefined,
): Promise<Decision | undefined> {
  const kept = {
    verifier: old.verifier,
    passwordless: false,
    declaredVerifier: old.declaredVerifier,
    saltSeed,
    generation: old.generation,
    iterations: old.iterations,
    history: old.history.slice(0, remembered(args)),
  };
  /** Another verifier than the server has, another password than the declared one, or both. */
  const changed = (verifier: string, iterations: number, rotates: boolean, generation: number): Decision => {
    const history = rotates ? historyAfterRotation(args, old) : kept.history;
    return {
      credential: { ...kept, verifier, declaredVerifier: undefined, generation, iterations, history },
      rotates,
    };
  };
  const next = old.generation + 1;

  if (isPasswordless(args)) {
    const none = { verifier: undefined, declaredVerifier: undefined, passwordless: true, iterations: 0 };
    const history = old.passwordless ? kept.history : historyAfterRotation(args, old);
    return { credential: { ...kept, ...none, history }, rotates: false };
  }
  if (typeof args.verifier === "string") {
    const { iterations } = parseVerifier(args.verifier);
    warnOfPortability(args, iterations);
    const rotates = args.verifier !== (old.declaredVerifier ?? old.verifier);
    const isStored = args.verifier === old.verifier;
    return changed(args.verifier, iterations, rotates, isStored && !rotates ? old.generation : next);
  }
  if (typeof args.password !== "string" || saltSeed === undefined) {
    if (args.keepsPassword !== true) return undefined;
    // No password to compare: what is there is to stay, as long as it is a verifier.
    const isVerifier = classifyStoredHash(old.verifier ?? null).kind === "scram-sha-256";
    if (!isVerifier && old.declaredVerifier !== undefined)
      return changed(old.declaredVerifier, old.iterations, false, old.generation);
    return old.verifier === undefined ? undefined : { credential: kept, rotates: false };
  }
  const iterations = typeof args.iterations === "number" ? args.iterations : DEFAULT_ITERATIONS;
  warnOfPortability(args, iterations);

  const isStored = await isPasswordOf(old.verifier, args.password);
  const rotates = !(old.declaredVerifier === undefined
    ? isStored
    : await isPasswordOf(old.declaredVerifier, args.password));
  const generation = isStored && !rotates ? old.generation : next;
  if (isStored && old.verifier !== undefined && iterations === old.iterations)
    return rotates
      ? changed(old.verifier, iterations, rotates, generation)
      : { credential: kept, rotates: false };
  const salt = deriveSalt(saltSeed, String(args.username), generation);
  const verifier = formatVerifier(await deriveVerifier(args.password, { salt, iterations }));
  return changed(verifier, iterations, rotates, generation);
}
