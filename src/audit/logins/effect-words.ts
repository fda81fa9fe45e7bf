import type { Change } from "./difference";
import type { Effect, Lockout } from "./effects";
import { describeChange } from "./words";

/** More than that, of reasons or of users with one, is counted. */
const MOST = 10;

/** Who loses their way in: those with the same reason together, the largest group first. */
export function describeLockouts(lockouts: readonly Lockout[]): string {
  const [only, ...others] = lockouts;
  if (only === undefined) return "nobody";
  if (others.length === 0) return `"${only.user}" (${only.reason})`;
  const groups = new Map<string, string[]>();
  for (const { user, reason } of lockouts) {
    const common = withoutName(reason, user);
    groups.set(common, [...(groups.get(common) ?? []), user]);
  }
  const largest = [...groups].sort(([, a], [, b]) => b.length - a.length);
  const listed = largest.slice(0, MOST).map(([reason, users]) => `${named(users)} (${reason})`);
  const left = largest.slice(MOST).flatMap(([, users]) => users).length;
  const rest = left === 0 ? [] : [`${left} more for other reasons`];
  return `${lockouts.length} users: ${[...listed, ...rest].join("; ")}`;
}

function named(users: readonly string[]): string {
  const listed = users.slice(0, MOST).map((user) => `"${user}"`);
  const left = users.length - listed.length;
  return [...listed, ...(left > 0 ? [`${left} more`] : [])].join(", ");
}

/** A reason that is one user's only in naming it. */
function withoutName(reason: string, user: string): string {
  return reason.replaceAll(`\`${user}\``, "the user").replaceAll(`user "${user}"`, "the user");
}

/** A screenful, beside what else a deployment says. */
const MOST_LINES = 15;

/** Of rules that are a secret as a whole, only how many it happens to. */
export function describeEffects(effects: readonly Effect[], areSecret: boolean): string[] {
  if (!areSecret) return [...describeLosses(effects), ...describeGains(effects)];
  const lose = effects.filter(({ losses }) => losses.length > 0).length;
  const gain = effects.filter(({ gains }) => gains.length > 0).length;
  return [
    ...(lose > 0 ? [`${lose} of the users lose ways in`] : []),
    ...(gain > 0 ? [`${gain} of the users gain ways in`] : []),
  ];
}

/** `"app", "batch" lose database shop from 10.0.0.0/8 (line 3)`: one line for all users with the same changes. */
function describeLosses(effects: readonly Effect[]): string[] {
  return described(effects, ({ losses }) => losses, { one: "loses", several: "lose" });
}

function describeGains(effects: readonly Effect[]): string[] {
  return described(effects, ({ gains }) => gains, { one: "gains", several: "gain" });
}

function described(
  effects: readonly Effect[],
  changesOf: (effect: Effect) => readonly Change[],
  { one, several }: { readonly one: string; readonly several: string },
): string[] {
  // Users of one group have the same changes.
  const words = new Map<Change, string>();
  // What is sure comes first.
  const [sure, possible] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const effect of effects) {
    for (const change of changesOf(effect)) {
      const what = words.get(change) ?? describeChange(change);
      words.set(change, what);
      const groups = change.maybe ? possible : sure;
      const users = groups.get(what);
      if (users === undefined) groups.set(what, [effect.user]);
      else users.push(effect.user);
    }
  }
  const lines = [
    ...[...sure].map(([what, users]) => `${named(users)} ${users.length === 1 ? one : several} ${what}`),
    ...[...possible].map(([what, users]) => `${named(users)} may ${several} ${what}`),
  ];
  const left = lines.length - MOST_LINES;
  return left > 0 ? [...lines.slice(0, MOST_LINES), `and ${left} more of this kind`] : lines;
}
