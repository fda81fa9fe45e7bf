import { DEFAULT_ITERATIONS, MAX_ITERATIONS } from "../../scram/iterations";
import { classifyStoredHash } from "../../scram/stored-hash";
import { type CheckFailure, hasUnknown, type Json, type Props, UNKNOWN, warn } from "../protocol/wire";
import { isPasswordOf } from "../user/check/password-rules";
import { fromProps, type UserState } from "../user/state";
import { ofUser } from "./arguments";
import type { SeenHashes } from "./fields";
import {
  type Found,
  foundHashes,
  hashesOf,
  isComparable,
  isHashOf,
  recordable,
  type StoredHashOf,
  seenSoFar,
  type Users,
} from "./seen-hashes";
import { entriesIn, type SetState, setFromProps } from "./state";

export interface Judged {
  /** By name, in the set of an isolated server: whether the server has never seen the password. */
  readonly isolated: ReadonlyMap<string, Json>;
  /** To record: of passwords that are in use no more. */
  readonly seen: Json | undefined;
  readonly failures: readonly CheckFailure[];
}

/**
 * Which passwords the server has never seen, in a set of StrictIsolation. Before phase 3 it may see every password; what is
 * replaced then is remembered, and what the server held for a role before. A password that begins in phase 3, under whatever
 * name, is refused where it is one of those.
 *
 * @param olds the inputs recorded last
 * @param users as `checkUser` answered for each, unwrapped
 */
export async function judgePasswords(
  olds: Props,
  news: Props,
  users: Props,
  storedHashOf: StoredHashOf,
): Promise<Judged> {
  const before = setFromProps(olds);
  const now = new Map(Object.entries(users).map(([name, entry]) => [name, fromProps(entriesIn(entry))]));
  const found = await foundHashes(olds, news, now, storedHashOf);
  const seen = seenSoFar(before, now, found);
  const unknown = [...now.keys()].filter(
    (name) =>
      hasUnknown(entriesIn(users[name]).verifier ?? users[name]) ||
      (!before.users.has(name) && hasUnknown(news.connection)),
  );
  const known = [...now].filter(([name]) => !unknown.includes(name));
  const verdicts = news.isolated === true ? await verdictsOn(known, { before, news, seen, found }) : [];
  return {
    isolated: new Map<string, Json>([
      ...(news.isolated === true ? unknown.map((name) => [name, UNKNOWN] as const) : []),
      ...verdicts.map(({ name, isolated }) => [name, isolated] as const),
    ]),
    seen: unknown.length > 0 ? UNKNOWN : recordable(seen, now),
    failures: verdicts.flatMap(({ name, reason }) =>
      reason === undefined ? [] : [ofUser(name, { property: "", reason })],
    ),
  };
}

interface Circumstances {
  readonly before: SetState;
  readonly news: Props;
  readonly seen: SeenHashes;
  readonly found: Found;
}

interface Verdict {
  readonly name: string;
  readonly isolated: boolean;
  /** Why it is refused. */
  readonly reason?: string;
}

async function verdictsOn(
  known: readonly (readonly [string, UserState])[],
  { before, news, seen, found }: Circumstances,
): Promise<Verdict[]> {
  const passwordOf = (name: string) => entriesIn(entriesIn(news.users)[name]).password;
  const candidates = await Promise.all(
    known.map(async ([name, state]) => {
      const password = passwordOf(name);
      const old = before.isolated === true ? before.users.get(name) : undefined;
      const { declared } = old === undefined ? {} : hashesOf(old);
      const stays = declared !== undefined && (await isHashOf(declared, name, state, password));
      return { name, state, password, stays: stays ? old : undefined };
    }),
  );
  const fresh = candidates.filter(({ state, stays }) => !state.passwordless && stays === undefined);
  const compared = comparedWithOthers(
    fresh.map(({ name }) => name),
    before.users,
    seen,
  );
  return Promise.all(
    candidates.map(async ({ name, state, password, stays }) => {
      if (state.passwordless) return { name, isolated: true };
      if (stays !== undefined) return { name, isolated: await staysIsolated(name, stays, password) };
      const among = [...seen].filter(([other]) => other === name || compared.has(name));
      const isSeen = await Promise.all(
        among.flatMap(([owner, hashes]) => hashes.map((hash) => isHashOf(hash, owner, state, password))),
      );
      if (isSeen.includes(true)) return { name, isolated: false, reason: refusedPassword(name) };
      return { name, isolated: isProven(name, password, !before.users.has(name), found.get(name)) };
    }),
  );
}

/** Not whose it was: who knows that one would know this one too. */
function refusedPassword(name: string): string {
  return `the server may have seen the password of user "${name}", for a user of this set had it before phase 3; give another one`;
}

/** A server that has hashed the password itself, at a login or for somebody who set it by hand, has seen it. */
async function staysIsolated(name: string, old: UserState, password: Json | undefined): Promise<boolean> {
  const { foreign } = hashesOf(old);
  if (!old.isolated || foreign === undefined || typeof password !== "string") return old.isolated;
  if (!(await isPasswordOf(foreign, password))) return true;
  warn(
    `user "${name}": the server has hashed the password itself, so it has seen it; the user does not count as isolated until it gets another one`,
  );
  return false;
}

function isProven(
  name: string,
  password: Json | undefined,
  isNew: boolean,
  stored: string | null | undefined,
): boolean {
  const doubt = (why: string) => {
    warn(`user "${name}": ${why}; the user does not count as isolated`);
    return false;
  };
  if (typeof password !== "string")
    return doubt("of a ready-made verifier nobody can tell here whether the server has seen its password");
  if (isNew && stored !== null && !isComparable(stored))
    return doubt(
      "the role may be on the server already, and whether it had this password there cannot be told",
    );
  return true;
}

/**
 * In rounds of PBKDF2: half a minute of two processors, which does for a hundred users with a hundred. What made it cheap
 * for us, such as a salt for all, would make it as cheap for whoever guesses.
 */
const MAX_ROUNDS = 100 * 100 * DEFAULT_ITERATIONS;

/** Whose new passwords are compared with those of all the users; first those who have no others of their own. */
export function comparedWithOthers(
  fresh: readonly string[],
  recorded: Users,
  seen: SeenHashes,
): ReadonlySet<string> {
  const rounds = [...seen.values()].flat().reduce((sum, hash) => sum + roundsOf(hash), 0);
  const many = rounds === 0 ? fresh.length : Math.floor(MAX_ROUNDS / rounds);
  const left = fresh.length - many;
  if (left > 0)
    warn(
      `the new passwords of ${left} users are compared with those that each of them had before, and not with those of all others, which would take too long; see to it yourself that no user gets one that another had before phase 3`,
    );
  return new Set(fresh.toSorted((a, b) => Number(recorded.has(a)) - Number(recorded.has(b))).slice(0, many));
}

/** As `isPasswordOf` would compute. */
function roundsOf(hash: string): number {
  const stored = classifyStoredHash(hash);
  if (stored.kind !== "scram-sha-256" || stored.verifier.iterations > MAX_ITERATIONS) return 0;
  return stored.verifier.iterations;
}
