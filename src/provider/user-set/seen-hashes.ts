import { createHash, getFips } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { classifyStoredHash } from "../../scram/stored-hash";
import { hasUnknown, type Json, type Props } from "../protocol/wire";
import { isPasswordOf } from "../user/check/password-rules";
import type { UserState } from "../user/state";
import type { SeenHashes } from "./fields";
import { entriesIn, type SetState } from "./state";

/** What the server holds for a role before anything is written: `null` for nothing, `undefined` where that cannot be known. */
export type StoredHashOf = (name: string) => Promise<string | null | undefined>;

export type Users = ReadonlyMap<string, UserState>;
export type Found = ReadonlyMap<string, string | null | undefined>;

/** Asked where the record does not tell: of those that it lacks, when phase 3 begins or ends, and of another server. */
export async function foundHashes(
  olds: Props,
  news: Props,
  now: Users,
  storedHashOf: StoredHashOf,
): Promise<Found> {
  if (hasUnknown(news.connection)) return new Map();
  const isRecorded = olds.isolated === news.isolated && isDeepStrictEqual(olds.connection, news.connection);
  const asked = [...now.keys()].filter((name) => !isRecorded || !Object.hasOwn(entriesIn(olds.users), name));
  return new Map(await Promise.all(asked.map(async (name) => [name, await storedHashOf(name)] as const)));
}

/** What was declared, and what a refresh found in its place. */
export function hashesOf({ verifier, declaredVerifier, passwordless }: UserState) {
  const isReplaced = declaredVerifier !== undefined || passwordless;
  return { declared: declaredVerifier ?? verifier, foreign: isReplaced ? verifier : undefined };
}

function isUnseen(before: SetState, old: UserState | undefined): boolean {
  return before.isolated === true && old?.isolated === true;
}

/** Of every user there is or was, the latest first. */
export function seenSoFar(before: SetState, now: Users, found: Found): SeenHashes {
  const names = new Set([...before.users.keys(), ...before.seen.keys(), ...found.keys()]);
  // Under whatever spelling of a name.
  const unseen = new Set(
    [...before.users.values()].filter((old) => isUnseen(before, old)).map((old) => hashesOf(old).declared),
  );
  return new Map(
    [...names].map((name) => {
      const old = before.users.get(name);
      const { declared, foreign } = old === undefined ? {} : hashesOf(old);
      const stored = found.get(name) ?? undefined;
      const isOurs = stored === now.get(name)?.verifier || unseen.has(stored);
      const hashes = [
        foreign,
        ...(isUnseen(before, old) ? [] : [declared, ...(old?.history ?? [])]),
        isOurs || !isComparable(stored) ? undefined : stored,
        ...(before.seen.get(name) ?? []),
      ].filter((hash) => typeof hash === "string");
      return [name, [...new Set(hashes)]] as const;
    }),
  );
}

/** After a refresh, which takes a user out of the record whose role is gone: it may be declared again. */
export function seenAtRefresh(recorded: SetState, left: Users): SeenHashes {
  if (recorded.isolated === undefined) return recorded.seen;
  const ofAll = seenSoFar(recorded, left, new Map());
  const gone = [...ofAll].filter(([name, hashes]) => !left.has(name) && hashes.length > 0);
  return new Map([...recorded.seen, ...gone]);
}

/** As many as `passwordHistory` allows. */
const MOST = 24;

/** What is in use is recorded with its user. */
export function recordable(seen: SeenHashes, now: Users): Json | undefined {
  const entries = [...seen].flatMap(([name, hashes]) => {
    const old = hashes.filter((hash) => hash !== now.get(name)?.verifier).slice(0, MOST);
    return old.length > 0 ? [[name, old] as const] : [];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** bcrypt is nothing that Node.js computes. */
export function isComparable(hash: string | null | undefined): boolean {
  const { kind } = classifyStoredHash(hash ?? null);
  return kind === "scram-sha-256" || (kind === "md5" && getFips() === 0);
}

/** Whether a hash is the declared verifier, or one of the password that it is made of. @param owner whose hash it was */
export async function isHashOf(
  hash: string,
  owner: string,
  { verifier }: UserState,
  password: Json | undefined,
): Promise<boolean> {
  if (hash === verifier) return true;
  if (typeof password !== "string") return false;
  if (!hash.startsWith("md5")) return isPasswordOf(hash, password);
  // PostgreSQL's src/common/md5_common.c: salted with the name that the role had.
  return getFips() === 0 && hash === `md5${createHash("md5").update(password).update(owner).digest("hex")}`;
}
