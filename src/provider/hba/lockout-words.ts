import type { Lockout } from "./guard";

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
