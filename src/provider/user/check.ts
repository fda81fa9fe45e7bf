import { DEFAULT_ITERATIONS, MAX_ITERATIONS, MAX_PORTABLE_ITERATIONS } from "../../scram/iterations";
import { classifyStoredHash } from "../../scram/stored-hash";
import { deriveVerifier, verifyPassword } from "../../scram/verifier";
import { formatVerifier, parseVerifier } from "../../scram/verifier-text";
import { type CheckResult, hasUnknown, type Props, UNKNOWN, warn } from "../wire";
import { argumentFailures, withoutRecorded } from "./arguments";
import { deriveSalt, drawSaltSeed } from "./salt";
import { fromProps, secretProps, type UserState } from "./state";

/** What is decided of a user's password; all that is left of it. */
type Credential = Pick<UserState, "verifier" | "saltSeed" | "generation" | "iterations">;

/**
 * The only place that sees the plaintext. Its answer, which the engine records and hands to every later call, holds the
 * verifier instead. The same password keeps the recorded verifier byte for byte, whoever made it.
 *
 * @param olds the inputs recorded last, `{}` for a new user
 * @param news the program's arguments, and `__provider`
 */
export async function checkUser(olds: Props, news: Props): Promise<CheckResult> {
  const { __provider, ...given } = news;
  const args = withoutRecorded(given, olds);
  const failures = argumentFailures(args);
  if (failures.length > 0) return { inputs: {}, failures };

  const old = fromProps(olds);
  const settings = {
    username: args.username,
    login: args.login ?? true,
    validUntil: args.validUntil,
    connection: args.connection,
  };
  const seed = seedFor(args, old);
  if ([args.username, args.password, args.verifier, args.iterations, args.saltSeed].some(hasUnknown)) {
    const iterations = args.iterations ?? (args.verifier === undefined ? DEFAULT_ITERATIONS : UNKNOWN);
    return {
      inputs: secretProps({
        ...settings,
        iterations,
        saltSeed: seed,
        verifier: UNKNOWN,
        generation: UNKNOWN,
      }),
    };
  }
  const credential = await decideCredential(args, old, seed);
  if (credential === undefined) {
    return { inputs: {}, failures: [{ property: "", reason: MISSING }] };
  }
  return { inputs: secretProps({ ...settings, ...credential }) };
}

/** Also where `ignoreChanges: ["password"]` meets a replacement, which is checked as a new resource. */
const MISSING =
  "password is missing; give a password, or a verifier made elsewhere (a new or replaced user needs one whatever ignoreChanges says)";

function seedFor(args: Props, old: UserState): string | undefined {
  if (typeof args.saltSeed === "string") return args.saltSeed;
  return old.saltSeed ?? (args.password === undefined ? undefined : drawSaltSeed());
}

async function decideCredential(
  args: Props,
  old: UserState,
  saltSeed: string | undefined,
): Promise<Credential | undefined> {
  const kept = { verifier: old.verifier, saltSeed, generation: old.generation, iterations: old.iterations };
  if (typeof args.verifier === "string") {
    const { iterations } = parseVerifier(args.verifier);
    warnOfPortability(args, iterations);
    const generation = args.verifier === old.verifier ? old.generation : old.generation + 1;
    return { verifier: args.verifier, saltSeed, generation, iterations };
  }
  if (typeof args.password !== "string" || saltSeed === undefined) {
    // No password to compare: `ignoreChanges: ["password"]` asks for what is there to stay.
    return old.verifier === undefined ? undefined : kept;
  }
  const iterations = typeof args.iterations === "number" ? args.iterations : DEFAULT_ITERATIONS;
  warnOfPortability(args, iterations);

  const same = await isPasswordOf(old.verifier, args.password);
  if (same && iterations === old.iterations) return kept;
  const generation = same ? old.generation : old.generation + 1;
  const salt = deriveSalt(saltSeed, String(args.username), generation);
  const verifier = formatVerifier(await deriveVerifier(args.password, { salt, iterations }));
  return { verifier, saltSeed, generation, iterations };
}

/** Whatever was recorded: our verifier, or after a refresh what somebody or the server itself put in its place. */
async function isPasswordOf(recorded: string | undefined, password: string): Promise<boolean> {
  const stored = classifyStoredHash(recorded ?? null);
  // A count beyond our own bound was not made by us, and to compute it could take hours: treated as another password.
  if (stored.kind !== "scram-sha-256" || stored.verifier.iterations > MAX_ITERATIONS) return false;
  return verifyPassword(password, stored.verifier);
}

function warnOfPortability({ username, password }: Props, iterations: number): void {
  if (typeof password === "string" && !/^[ -~]*$/.test(password)) {
    warn(
      `user "${username}": the password has characters beyond printable ASCII, which drivers prepare in different ways; some may fail to log in`,
    );
  }
  if (iterations > MAX_PORTABLE_ITERATIONS) {
    warn(
      `user "${username}": node-postgres and pgjdbc refuse to log in with more than ${MAX_PORTABLE_ITERATIONS} iterations (these are ${iterations})`,
    );
  }
}
