import { failure, fieldFailures } from "../protocol/fields";
import { type CheckFailure, isRecord, type Json, type Props, UNKNOWN } from "../protocol/wire";
import { argumentFailures, INTERNAL, ARGUMENTS as OF_ANY_USER } from "../user/check/arguments";
import { FIELDS } from "./fields";
import { entriesIn } from "./state";

/** A password for all would be one password for all. */
const NOT_FOR_ALL = ["password", "verifier"];

/** What the set itself gives each of its users. */
const OF_THE_SET = ["username", "connection", "owner"];

const OF_A_USER = OF_ANY_USER.filter((key) => !OF_THE_SET.includes(key));
const OF_DEFAULTS = OF_A_USER.filter((key) => !NOT_FOR_ALL.includes(key));

/** What is wrong with the arguments of a set, less what each user has of its own. */
export function setFailures(news: Props): CheckFailure[] {
  const { __provider, ...args } = news;
  const wrong = fieldFailures("a ScramUserSet", FIELDS, args);
  if (wrong.length > 0) return wrong;
  if (!isRecord(args.users) && args.users !== UNKNOWN)
    return failure("users must be an object: the arguments of each user under its name");
  if (args.defaults !== undefined && !isRecord(args.defaults) && args.defaults !== UNKNOWN)
    return failure("defaults must be an object of arguments");
  const shared = NOT_FOR_ALL.find((key) => entriesIn(args.defaults)[key] !== undefined);
  if (shared !== undefined) return failure(`defaults.${shared} is no default: each user has its own`);
  const entries = Object.entries(entriesIn(args.users));
  const [odd] = entries.find(([, entry]) => !isRecord(entry) && entry !== UNKNOWN) ?? [];
  if (odd !== undefined) return failure(`users.${odd} must be an object of arguments`);
  for (const [where, entry] of [
    ["defaults", args.defaults],
    ...entries.map(([name, e]) => [`users.${name}`, e]),
  ]) {
    const key = OF_THE_SET.find((word) => entriesIn(entry as Json)[word] !== undefined);
    if (key !== undefined)
      return failure(`${where}.${key} cannot be given for a user of a set: it comes from the set`);
  }
  // Alone: every user who takes a wrong default over would be told of it again.
  return defaultsFailures(entriesIn(args.defaults));
}

export function ofUser(name: string, { reason }: CheckFailure): CheckFailure {
  return { property: "", reason: `users.${name}: ${reason}` };
}

/** Each default by itself: how it goes with other arguments is for the users to decide. */
function defaultsFailures(defaults: Props): CheckFailure[] {
  const known = Object.entries(defaults).filter(([key]) => OF_DEFAULTS.includes(key));
  const failures = [
    ...unknownArguments(defaults, OF_DEFAULTS),
    ...known.flatMap(([key, value]) => argumentFailures({ [key]: value })),
  ];
  return failures.flatMap(({ reason }) => failure(`defaults.${reason}`));
}

/** Of one user: `checkUser` would list what the set gives among what it takes. */
export function misspeltArguments(user: Props): CheckFailure[] {
  return unknownArguments(user, OF_A_USER);
}

function unknownArguments(args: Props, known: readonly string[]): CheckFailure[] {
  return Object.keys(args)
    .filter((key) => ![...known, ...OF_THE_SET, ...INTERNAL].includes(key))
    .flatMap((key) => failure(`${key} is not an argument of a user of a set; it takes ${known.join(", ")}`));
}
