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

interface Given {
  /** All of them known. */
  readonly args: Props;
  readonly old: UserState;
  readonly saltSeed: string | undefined;
}

/**
 * What the verifier is to be, from the arguments and what is recorded. The same password keeps the recorded verifier byte for
 * byte, whoever made it.
 *
 * @returns `undefined` where there is neither a password nor a verifier, old or new
 */
export async function decideCredential(
  args: Props,
  old: UserState,
  saltSeed: string | undefined,
): Promise<Decision | undefined> {
  const given = { args, old, saltSeed };
  if (isPasswordless(args)) return withoutPassword(given);
  if (typeof args.verifier === "string") return withVerifier(given, args.verifier);
  if (typeof args.password === "string" && saltSeed !== undefined)
    return withPassword(given, args.password, saltSeed);
  return args.keepsPassword === true ? whateverIsThere(given) : undefined;
}

function withoutPassword(given: Given): Decision {
  const { args, old } = given;
  const none = { verifier: undefined, declaredVerifier: undefined, passwordless: true, iterations: 0 };
  const credential = { ...asRecorded(given), ...none };
  const history = old.passwordless ? credential.history : historyAfterRotation(args, old);
  return { credential: { ...credential, history }, rotates: false };
}

/** A ready-made one: the same text is the same password, any other one may be another. */
function withVerifier(given: Given, verifier: string): Decision {
  const { args, old } = given;
  const { iterations } = parseVerifier(verifier);
  warnOfPortability(args, iterations);
  const rotates = verifier !== (old.declaredVerifier ?? old.verifier);
  const isStored = verifier === old.verifier;
  return changed(given, {
    verifier,
    iterations,
    rotates,
    generation: generationAfter(old, isStored && !rotates),
  });
}

/**
 * | the server has it | it is the declared one | its count is declared | then |
 * |---|---|---|---|
 * | yes | yes | yes | nothing changes |
 * | yes | no | yes | what somebody else has set is what is declared now: a rotation, and the verifier stays |
 * | yes | yes | no | the same password is hashed again, with its salt |
 * | no | yes | | what somebody else has put in its place is replaced, with a new salt |
 * | any | no | | a rotation, with a new salt |
 */
async function withPassword(given: Given, password: string, saltSeed: string): Promise<Decision> {
  const { args, old } = given;
  const iterations = typeof args.iterations === "number" ? args.iterations : DEFAULT_ITERATIONS;
  warnOfPortability(args, iterations);
  const isStored = await isPasswordOf(old.verifier, password);
  const isDeclared =
    old.declaredVerifier === undefined ? isStored : await isPasswordOf(old.declaredVerifier, password);
  const generation = generationAfter(old, isStored && isDeclared);
  const next = { iterations, rotates: !isDeclared, generation };
  if (isStored && old.verifier !== undefined && iterations === old.iterations)
    return isDeclared
      ? { credential: asRecorded(given), rotates: false }
      : changed(given, { ...next, verifier: old.verifier });
  const salt = deriveSalt(saltSeed, String(args.username), generation);
  return changed(given, {
    ...next,
    verifier: formatVerifier(await deriveVerifier(password, { salt, iterations })),
  });
}

/** No password to compare: what is there is to stay, as long as it is a verifier. */
function whateverIsThere(given: Given): Decision | undefined {
  const { verifier, declaredVerifier, iterations, generation } = given.old;
  const isVerifier = classifyStoredHash(verifier ?? null).kind === "scram-sha-256";
  if (!isVerifier && declaredVerifier !== undefined)
    return changed(given, { verifier: declaredVerifier, iterations, rotates: false, generation });
  return verifier === undefined ? undefined : { credential: asRecorded(given), rotates: false };
}

function asRecorded({ args, old, saltSeed }: Given): Credential {
  const { verifier, declaredVerifier, generation, iterations } = old;
  const history = old.history.slice(0, remembered(args));
  return { verifier, passwordless: false, declaredVerifier, saltSeed, generation, iterations, history };
}

/** Another verifier than the server has, another password than the declared one, or both. */
function changed(
  given: Given,
  {
    rotates,
    ...next
  }: Pick<Decision, "rotates"> & { verifier: string; iterations: number; generation: number },
): Decision {
  const { history, ...recorded } = asRecorded(given);
  return {
    credential: {
      ...recorded,
      ...next,
      declaredVerifier: undefined,
      history: rotates ? historyAfterRotation(given.args, given.old) : history,
    },
    rotates,
  };
}

/** Each generation has a salt of its own. */
function generationAfter({ generation }: UserState, isSame: boolean): number {
  return isSame ? generation : generation + 1;
}
