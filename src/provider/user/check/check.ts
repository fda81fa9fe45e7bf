import { DEFAULT_ITERATIONS } from "../../../scram/iterations";
import { type CheckResult, hasUnknown, type Json, type Props, UNKNOWN, warn } from "../../protocol/wire";
import { membershipsIn, membershipsTo } from "../state/membership-lists";
import { credentialProps, fromProps, secretProps, settingsIn, type UserState } from "../state/state";
import { argumentFailures, isPasswordless, withoutNothing, withoutRecorded } from "./arguments";
import { decideCredential } from "./credential";
import { policyFailure } from "./password-rules";
import { drawSaltSeed } from "./salt";

/** Arguments that are for this moment only, and not recorded. */
const NOT_RECORDED = ["password", "passwordHistory", "minLength", "keepsPassword"];

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
  if (!isPasswordless(args) && CREDENTIAL_ARGUMENTS.some((key) => hasUnknown(args[key]))) {
    const iterations = args.iterations ?? (args.password !== undefined ? DEFAULT_ITERATIONS : UNKNOWN);
    const passwordless = args.passwordless === false ? undefined : args.passwordless;
    const unknown = { iterations, passwordless, saltSeed: seed, verifier: UNKNOWN, generation: UNKNOWN };
    const history = args.passwordHistory === undefined ? undefined : UNKNOWN;
    return { inputs: secretProps({ ...declared, ...unknown, history }) };
  }
  const decision = await decideCredential(args, old, seed);
  if (decision === undefined) return { inputs: {}, failures: [{ property: "", reason: missing(old) }] };
  const { credential, rotates } = decision;
  warnOfExpiry(args, old, credential.passwordless);
  if (old.adopt && old.onDelete === "retain" && args.adopt !== true && args.onDelete === undefined)
    warnOfDrop(args);
  const failure = await policyFailure(args, old, rotates ? credential.verifier : undefined);
  if (failure !== undefined) return { inputs: {}, failures: [{ property: "", reason: failure }] };
  return { inputs: secretProps({ ...declared, ...credential, ...credentialProps(credential) }) };
}

/** What the verifier is decided by, and whether there is one. */
const CREDENTIAL_ARGUMENTS = [
  "login",
  "username",
  "password",
  "verifier",
  "passwordless",
  "iterations",
  "saltSeed",
  "rotationKey",
  "passwordHistory",
  "minLength",
];

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

/** `adopt` looks like a flag for once. */
function warnOfDrop({ username }: Props): void {
  warn(
    `user "${username}" was adopted, and without \`adopt\` deleting it drops the role; declare \`onDelete: "retain"\` to keep it`,
  );
}

/** What is recorded as it was given; defaults that another argument decides are filled in. */
function declaredIn(args: Props, old: UserState): Record<string, Props[string] | undefined> {
  const declared = Object.fromEntries(Object.entries(args).filter(([key]) => !NOT_RECORDED.includes(key)));
  const onDelete = args.onDelete ?? (args.adopt === true ? "retain" : "drop");
  return {
    ...declared,
    login: args.login ?? true,
    adopt: args.adopt === false ? undefined : args.adopt,
    onDelete: onDelete === "drop" ? undefined : onDelete,
    driftCheck: args.driftCheck === "catalog" ? undefined : args.driftCheck,
    memberOf: hasUnknown(args.memberOf) ? args.memberOf : declaredMemberships(args.memberOf),
    settings: settingsIn(args.settings) ?? args.settings,
    owner: old.owner ?? args.owner,
  };
}

/** A name that is given twice is one membership. */
function declaredMemberships(memberOf: Json | undefined): Json | undefined {
  const entries = membershipsIn(memberOf);
  return entries && membershipsTo([...new Map(entries.map((entry) => [entry.role, entry])).values()]);
}

function seedFor(args: Props, old: UserState): string | undefined {
  if (typeof args.saltSeed === "string") return args.saltSeed;
  return old.saltSeed ?? (args.password === undefined ? undefined : drawSaltSeed());
}
