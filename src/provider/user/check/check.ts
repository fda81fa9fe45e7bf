import { DEFAULT_ITERATIONS } from "../../../scram/iterations";
import { failure, namesWhere, secretFields, unmarked } from "../../protocol/fields";
import {
  type CheckResult,
  compact,
  hasUnknown,
  type Json,
  type Props,
  UNKNOWN,
  warn,
} from "../../protocol/wire";
import { FIELDS, OWN_FIELDS } from "../fields";
import { fromProps, type UserState } from "../state";
import { argumentFailures, isPasswordless, withoutNothing, withoutRecorded } from "./arguments";
import { decideCredential } from "./credential";
import { policyFailure } from "./password-rules";
import { drawSaltSeed } from "./salt";

const DECIDE_VERIFIER = namesWhere(FIELDS, ({ decidesVerifier }) => decidesVerifier);

/**
 * The only place that sees the plaintext. Its answer, which the engine records and hands to every later call, holds the
 * verifier instead. The same password keeps the recorded verifier byte for byte, whoever made it.
 *
 * @param olds the inputs recorded last, `{}` for a new user
 * @param news the program's arguments, and `__provider`
 */
export async function checkUser(olds: Props, news: Props): Promise<CheckResult> {
  const { __provider, ...given } = news;
  const args = withoutRecorded(withoutNothing(given), olds);
  const failures = argumentFailures(args);
  if (failures.length > 0) return { inputs: {}, failures };

  const old = fromProps(olds);
  const declared = declaredIn(args, old);
  const seed = seedFor(args, old);
  if (!isPasswordless(args) && DECIDE_VERIFIER.some((key) => hasUnknown(args[key]))) {
    const iterations = args.iterations ?? (args.password !== undefined ? DEFAULT_ITERATIONS : UNKNOWN);
    const passwordless = args.passwordless === false ? undefined : args.passwordless;
    const unknown = { iterations, passwordless, saltSeed: seed, verifier: UNKNOWN, generation: UNKNOWN };
    const history = args.passwordHistory === undefined ? undefined : UNKNOWN;
    return { inputs: secretFields(FIELDS, { ...declared, ...unknown, history }) };
  }
  const decision = await decideCredential(args, old, seed);
  if (decision === undefined) return { inputs: {}, failures: failure(missing(old)) };
  const { credential, rotates } = decision;
  warnOfExpiry(args, old, credential.passwordless);
  if (old.adopt && old.onDelete === "retain" && args.adopt !== true && args.onDelete === undefined)
    warnOfDrop(args);
  const refusal = await policyFailure(args, old, rotates ? credential.verifier : undefined);
  if (refusal !== undefined) return { inputs: {}, failures: failure(refusal) };
  return { inputs: secretFields(FIELDS, { ...declared, ...unmarked(OWN_FIELDS, credential) }) };
}

/** Also where `ignoreChanges: ["password"]` meets a replacement, which is checked as a new resource. */
function missing({ verifier, declaredVerifier, passwordless }: UserState): string {
  return (declaredVerifier ?? verifier) === undefined || passwordless
    ? "password is missing; give a password, a verifier made elsewhere, or `passwordless: true` for a role that logs in without (a new or replaced user needs one of them whatever ignoreChanges says)"
    : 'password is missing, and the user has one; give it (is a variable not set?); or, to keep the one it has, the resource option ignoreChanges: ["password"]; or, to take it away, `passwordless: true`';
}

/** Once: an earlier declaration may well have come to pass. */
function warnOfExpiry({ username, validUntil, login }: Props, old: UserState, passwordless: boolean): void {
  if (passwordless || login === false || typeof validUntil !== "string") return;
  if (validUntil === old.options.validUntil || Date.parse(validUntil) > Date.now()) return;
  warn(
    `user "${username}": validUntil ${validUntil} has passed, so the user cannot log in with the password`,
  );
}

/** Somebody may take `adopt` for a flag that is needed once. */
function warnOfDrop({ username }: Props): void {
  warn(
    `user "${username}" was adopted, and without \`adopt\` deleting it drops the role; declare \`onDelete: "retain"\` to keep it`,
  );
}

/** What is recorded as it was declared; defaults that another argument decides are filled in. */
function declaredIn(args: Props, old: UserState): Readonly<Record<string, Json | undefined>> {
  const given = {
    ...args,
    login: args.login ?? true,
    onDelete: args.onDelete ?? (args.adopt === true ? "retain" : "drop"),
    ...compact({ owner: old.owner ?? args.owner }),
  };
  return Object.fromEntries(
    Object.entries(given)
      .filter(([name]) => !FIELDS[name]?.transient)
      .map(([name, value]) => [name, canonical(name, value)]),
  );
}

/** As a state has it, whatever of it is known. */
function canonical(name: string, value: Json): Json | undefined {
  const field = FIELDS[name];
  return value === UNKNOWN ? value : field?.write(field.read(value) as never);
}

function seedFor(args: Props, old: UserState): string | undefined {
  if (typeof args.saltSeed === "string") return args.saltSeed;
  return old.saltSeed ?? (args.password === undefined ? undefined : drawSaltSeed());
}
