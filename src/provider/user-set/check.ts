import { connectionFailure } from "../connection";
import { checkUser } from "../user/check";
import {
  type CheckFailure,
  type CheckResult,
  compact,
  type Json,
  type Props,
  secret,
  UNKNOWN,
} from "../wire";
import { findCircle } from "./circle";
import { entriesIn, entryOf, userProps } from "./state";

const ARGUMENTS = ["users", "defaults", "connection", "owner"];

/** What a user that brings its own verifier does not take over from the defaults. */
const OF_A_PASSWORD = ["password", "saltSeed", "iterations", "minLength"];

/** A password for all would be one password for all. */
const NOT_FOR_ALL = ["password", "verifier"];

/** What the set itself gives each of its users. */
const OF_THE_SET = ["username", "connection", "owner"];

/** As `checkUser`, for each of the users: by the same rules, and compared with what was recorded under the same name. */
export async function checkSet(olds: Props, news: Props): Promise<CheckResult> {
  const { __provider, users, defaults, ...shared } = news;
  const failures = shapeFailures(news);
  if (failures.length > 0) return { inputs: {}, failures };

  const owner = olds.owner ?? shared.owner;
  const common = compact({ owner, connection: secret(shared.connection) });
  if (users === UNKNOWN || defaults === UNKNOWN) return { inputs: { ...common, users: UNKNOWN } };

  const recorded = new Map(Object.entries(entriesIn(olds.users)));
  const results = await Promise.all(
    Object.entries(entriesIn(users)).map(async ([name, entry]) => {
      if (entry === UNKNOWN) return { name, inputs: UNKNOWN, failures: [] };
      const before = recorded.get(name);
      const old = before === undefined ? {} : userProps(name, before as Props, olds);
      const args = { ...defaultsFor(entry as Props, entriesIn(defaults)), ...(entry as Props) };
      // The connection is the set's: it is neither judged nor recorded again with each user.
      const checked = await checkUser(old, compact({ ...args, username: name, owner }));
      return { name, inputs: entryOf(checked.inputs ?? {}), failures: checked.failures ?? [] };
    }),
  );
  const wrong = results.flatMap(({ name, failures }) => failures.map((failure) => ofUser(name, failure)));
  if (wrong.length > 0) return { inputs: {}, failures: wrong };
  const groups = results.map(({ name, inputs }) => [name, groupsIn(inputs)] as const);
  const circle = findCircle(new Map(groups));
  if (circle !== undefined) {
    const reason = `memberOf goes in a circle: ${circle.join(" is a member of ")}`;
    return { inputs: {}, failures: [{ property: "", reason }] };
  }
  return {
    inputs: { ...common, users: Object.fromEntries(results.map(({ name, inputs }) => [name, inputs])) },
  };
}

function groupsIn(inputs: Json): readonly string[] {
  const { memberOf } = entriesIn(inputs);
  return Array.isArray(memberOf) ? memberOf : [];
}

/** Without its property: the engine would print all the users and their passwords with it. */
export function ofUser(name: string, { property, reason }: CheckFailure): CheckFailure {
  return { property: "", reason: `users.${name}: ${[property, reason].filter(Boolean).join(" ")}` };
}

function defaultsFor(entry: Props, defaults: Props): Props {
  if (entry.verifier === undefined) return defaults;
  return Object.fromEntries(Object.entries(defaults).filter(([key]) => !OF_A_PASSWORD.includes(key)));
}

function shapeFailures(news: Props): CheckFailure[] {
  const { __provider, ...args } = news;
  const fail = (reason: string) => [{ property: "", reason }];
  const unknown = Object.keys(args).find((key) => !ARGUMENTS.includes(key));
  if (unknown !== undefined)
    return fail(`${unknown} is not an argument of a ScramUserSet; it takes users, defaults, connection`);
  if (!isObject(args.users) && args.users !== UNKNOWN)
    return fail("users must be an object: the arguments of each user under its name");
  if (args.defaults !== undefined && !isObject(args.defaults) && args.defaults !== UNKNOWN)
    return fail("defaults must be an object of arguments");
  const shared = NOT_FOR_ALL.find((key) => entriesIn(args.defaults)[key] !== undefined);
  if (shared !== undefined) return fail(`defaults.${shared} is no default: each user has its own`);
  const connection = connectionFailure(args.connection);
  if (connection !== undefined) return fail(connection);
  const entries = Object.entries(entriesIn(args.users));
  const [odd] = entries.find(([, entry]) => !isObject(entry) && entry !== UNKNOWN) ?? [];
  if (odd !== undefined) return fail(`users.${odd} must be an object of arguments`);
  for (const [where, entry] of [
    ["defaults", args.defaults],
    ...entries.map(([name, e]) => [`users.${name}`, e]),
  ]) {
    const key = OF_THE_SET.find((word) => entriesIn(entry as Json)[word] !== undefined);
    if (key !== undefined)
      return fail(`${where}.${key} cannot be given for a user of a set: it comes from the set`);
  }
  return [];
}

function isObject(value: Json | undefined): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
