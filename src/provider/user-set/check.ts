import { namesWhere } from "../protocol/fields";
import {
  type CheckResult,
  compact,
  isRecord,
  type Json,
  type Props,
  secret,
  UNKNOWN,
  unwrapSecrets,
} from "../protocol/wire";
import { isPasswordless, withoutNothing, withoutRecorded } from "../user/check/arguments";
import { checkUser } from "../user/check/check";
import { FIELDS } from "../user/fields";
import { membershipsIn } from "../user/membership-lists";
import { misspeltArguments, ofUser, setFailures } from "./arguments";
import { findCircle } from "./circle";
import { withRecordedPhase } from "./earlier-states";
import { judgePasswords } from "./isolated-users";
import type { StoredHashOf } from "./seen-hashes";
import { entriesIn, entryOf, userProps } from "./state";

/** What a user that brings its own verifier, or has no password, does not take over from the defaults. */
const OF_A_PASSWORD = namesWhere(FIELDS, ({ ofPassword }) => ofPassword);

/** As `checkUser`, for each of the users: by the same rules, and compared with what was recorded under the same name. */
export async function checkSet(
  recordedLast: Props,
  given: Props,
  storedHashOf: StoredHashOf,
): Promise<CheckResult> {
  const news = isRecord(given.defaults) ? { ...given, defaults: withoutNothing(given.defaults) } : given;
  const { __provider, users, defaults, isolated, ...shared } = news;
  const olds = isolated === undefined ? recordedLast : withRecordedPhase(recordedLast);
  const failures = setFailures(news);
  if (failures.length > 0) return { inputs: {}, failures };

  const owner = olds.owner ?? shared.owner;
  const common = compact({ owner, connection: secret(shared.connection), isolated });
  if (users === UNKNOWN || defaults === UNKNOWN) {
    const seen = isolated === undefined ? undefined : secret(UNKNOWN);
    return { inputs: compact({ ...common, users: UNKNOWN, seen }) };
  }

  const recorded = new Map(Object.entries(entriesIn(olds.users)));
  const results = await Promise.all(
    Object.entries(entriesIn(users)).map(async ([name, entry]) => {
      if (entry === UNKNOWN) return { name, inputs: UNKNOWN, failures: [] };
      const before = recorded.get(name);
      const old = before === undefined ? {} : userProps(name, before as Props, olds);
      const own = withoutNothing(entry as Props);
      const args = { ...defaultsFor(own, entriesIn(defaults)), ...own };
      const misspelt = misspeltArguments(withoutRecorded(args, old));
      if (misspelt.length > 0) return { name, inputs: {}, failures: misspelt };
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
  const checked = Object.fromEntries(results.map(({ name, inputs }) => [name, inputs]));
  if (isolated === undefined) return { inputs: { ...common, users: checked } };
  const judged = await judgePasswords(olds, news, unwrapSecrets(checked), storedHashOf);
  if (judged.failures.length > 0) return { inputs: {}, failures: judged.failures };
  const marked = Object.entries(checked).map(([name, entry]) => {
    const verdict = judged.isolated.get(name);
    return [name, isRecord(entry) && verdict ? { ...entry, isolated: verdict } : entry];
  });
  return { inputs: compact({ ...common, users: Object.fromEntries(marked), seen: secret(judged.seen) }) };
}

function groupsIn(inputs: Json): readonly string[] {
  return membershipsIn(entriesIn(inputs).memberOf)?.map(({ role }) => role) ?? [];
}

function defaultsFor(entry: Props, defaults: Props): Props {
  const { password, verifier } = entry;
  const dropped = [
    ...(password === undefined && verifier === undefined ? [] : ["passwordless"]),
    ...(verifier !== undefined || isPasswordless({ ...defaults, ...entry }) ? OF_A_PASSWORD : []),
  ];
  return Object.fromEntries(Object.entries(defaults).filter(([key]) => !dropped.includes(key)));
}
