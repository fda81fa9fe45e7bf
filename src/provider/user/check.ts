import { DEFAULT_ITERATIONS } from "../../scram/iterations";
import { type CheckResult, hasUnknown, type Props, UNKNOWN, warn } from "../wire";
import { argumentFailures, withoutRecorded } from "./arguments";
import { decideCredential } from "./credential";
import { policyFailure } from "./password-rules";
import { drawSaltSeed } from "./salt";
import { fromProps, secretProps, settingsIn, type UserState } from "./state";

/** Arguments that are for this moment only, and not recorded. */
const NOT_RECORDED = ["password", "passwordHistory", "minLength"];

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
  const declared = declaredIn(args, old);
  const seed = seedFor(args, old);
  if (CREDENTIAL_ARGUMENTS.some((key) => hasUnknown(args[key]))) {
    const iterations = args.iterations ?? (args.verifier === undefined ? DEFAULT_ITERATIONS : UNKNOWN);
    const unknown = { iterations, saltSeed: seed, verifier: UNKNOWN, generation: UNKNOWN };
    const history = args.passwordHistory === undefined ? undefined : UNKNOWN;
    return { inputs: secretProps({ ...declared, ...unknown, history }) };
  }
  const decision = await decideCredential(args, old, seed);
  if (decision === undefined) return { inputs: {}, failures: [{ property: "", reason: MISSING }] };
  const { credential, rotates } = decision;
  if (old.adopt && old.onDelete === "retain" && args.adopt !== true && args.onDelete === undefined)
    warnOfDrop(args);
  const failure = await policyFailure(args, old, rotates ? credential.verifier : undefined);
  if (failure !== undefined) return { inputs: {}, failures: [{ property: "", reason: failure }] };
  const history = credential.history.length > 0 ? credential.history : undefined;
  return { inputs: secretProps({ ...declared, ...credential, history }) };
}

/** What the verifier is decided by. */
const CREDENTIAL_ARGUMENTS = [
  "username",
  "password",
  "verifier",
  "iterations",
  "saltSeed",
  "rotationKey",
  "passwordHistory",
  "minLength",
];

/** Also where `ignoreChanges: ["password"]` meets a replacement, which is checked as a new resource. */
const MISSING =
  "password is missing; give a password, or a verifier made elsewhere (a new or replaced user needs one whatever ignoreChanges says)";

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
    memberOf: Array.isArray(args.memberOf) ? [...new Set(args.memberOf)].sort() : args.memberOf,
    settings: settingsIn(args.settings) ?? args.settings,
    owner: old.owner ?? args.owner,
  };
}

function seedFor(args: Props, old: UserState): string | undefined {
  if (typeof args.saltSeed === "string") return args.saltSeed;
  return old.saltSeed ?? (args.password === undefined ? undefined : drawSaltSeed());
}
