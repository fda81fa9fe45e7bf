import { isDeepStrictEqual } from "node:util";
import { OPTION_NAMES, OPTIONS, type OptionName } from "../../../database/contract/role-options";
import type { Product } from "../../../hba";
import { argumentsOf, failure, fieldFailures, namesWhere } from "../../protocol/fields";
import { type CheckFailure, type Props, UNKNOWN } from "../../protocol/wire";
import { FIELDS } from "../fields";
import { membershipsIn } from "../membership-lists";

export const ARGUMENTS = argumentsOf(FIELDS);

/** What the resource class adds by itself. */
export const INTERNAL = namesWhere(FIELDS, ({ internal }) => internal);

const RECORDED_ONLY = namesWhere(FIELDS, ({ rule }) => rule === undefined);

/**
 * Under `ignoreChanges` the engine copies recorded values over the program's. Of what we record beside the arguments,
 * `generation` and the like say nothing new, and a `verifier` beside a password asks for the recorded one to stay.
 */
export function withoutRecorded(args: Props, olds: Props): Props {
  const copied = (key: string) => args[key] !== undefined && isDeepStrictEqual(args[key], olds[key]);
  const dropped = new Set([
    ...RECORDED_ONLY.filter(copied),
    ...(copied("verifier") ? ["password", "minLength"] : []),
    ...(copied("verifier") && copied("iterations") ? ["iterations"] : []),
  ]);
  return Object.fromEntries(Object.entries(args).filter(([key]) => !dropped.has(key)));
}

/** An Output of nothing arrives as `null`. */
export function withoutNothing(args: Props): Props {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null));
}

/** What is wrong with the arguments of a ScramUser, each in one sentence; values not known yet are not judged. */
export function argumentFailures(args: Props): CheckFailure[] {
  const failures = fieldFailures("a ScramUser", FIELDS, args);
  const fail = (argument: string, reason: string) => {
    failures.push(...failure(`${argument} ${reason}`));
  };
  if (args.password !== undefined && args.verifier !== undefined) {
    fail("password", "and verifier are both given; give one of them");
  }
  const credential = ["password", "verifier"].find((key) => args[key] !== undefined);
  if (args.passwordless === true && credential !== undefined)
    fail("passwordless", `and ${credential} are both given; give one of them`);
  for (const [name, { ofPassword, notWithVerifier }] of Object.entries(FIELDS)) {
    if (args[name] === undefined) continue;
    if (ofPassword && isPasswordless(args)) fail(name, "goes with a password; this role has none");
    if (notWithVerifier !== undefined && args.verifier !== undefined)
      fail(name, `goes with a password; ${notWithVerifier}`);
  }
  const onDelete = args.onDelete ?? (args.adopt === true ? "retain" : "drop");
  if (args.reassignOwnedTo !== undefined && onDelete !== "drop" && onDelete !== UNKNOWN) {
    fail("reassignOwnedTo", `goes with onDelete: "drop"; this role is not to be dropped`);
  }
  // What is given to oneself, DROP OWNED would destroy. Of other spellings the server's product decides.
  // In a preview, what is not known yet is one text, whatever it will be.
  const name = args.username === UNKNOWN ? undefined : args.username;
  if (name !== undefined && name === args.reassignOwnedTo)
    fail("reassignOwnedTo", "is the role itself, which is to be dropped; name another");
  if (name !== undefined && membershipsIn(args.memberOf)?.some(({ role }) => role === name))
    fail("memberOf", "names the role itself");
  const [own, foreign] = [optionOfOne(args, "postgresql"), optionOfOne(args, "cockroachdb")];
  if (own !== undefined && foreign !== undefined) {
    fail(own, `is an option of PostgreSQL alone, and ${foreign} one of CockroachDB alone`);
  }
  return failures;
}

/** Who does not log in needs no password; of who does, the program has to say so. */
export function isPasswordless({ password, verifier, passwordless, login }: Props): boolean {
  return password === undefined && verifier === undefined && (passwordless ?? login === false) === true;
}

/** An option among the arguments that only this product has. */
export function optionOfOne(args: Props, product: Product): OptionName | undefined {
  return OPTION_NAMES.find((name) => {
    const { products } = OPTIONS[name];
    return args[name] !== undefined && products.length === 1 && products[0] === product;
  });
}
