import type { AccessFacts, LoginRole } from "../database/contract/access";
import type { HbaFile, Product } from "../hba";
import { prepareRules } from "../hba/match/prepare";
import type { StoredHash } from "../scram/stored-hash";
import type { Finding } from "./finding";
import { isUnrecognised, judgeBy } from "./judge";
import type { Way } from "./ways";

export interface AuditedUser {
  readonly name: string;
  readonly login: boolean;
  /** `unreadable` where the administrator may not read it, `unknown` where it is not a hash that a server recognises. */
  readonly hash: StoredHash["kind"] | "unreadable";
  /** Of a SCRAM-SHA-256 verifier. */
  readonly iterations?: number;
  /** ISO 8601, or `-infinity`; `null` for never. */
  readonly validUntil: string | null;
  readonly expired: boolean;
  /** In the order of the rules; absent where it is not known what they are. */
  readonly ways?: readonly Way[];
  readonly findings: readonly Finding[];
}

export interface Summary {
  readonly users: number;
  /** How many of them have which kind of hash. */
  readonly hashes: Readonly<Partial<Record<AuditedUser["hash"], number>>>;
  /** Login users whose hash is md5, bcrypt or unknown; `null` where hashes cannot be read. */
  readonly toConvert: number | null;
  /** Login users that no rule lets in; `null` where it is not known what the rules are. */
  readonly cannotLogIn: number | null;
}

export interface Audit {
  readonly users: readonly AuditedUser[];
  readonly summary: Summary;
}

/**
 * Every user of a server: what is stored of its password, which rules it may come by, and what should change. Disabled users count,
 * groups do not: a role that may not log in is a user if it has a password.
 *
 * @param rules `undefined` where they cannot be read
 * @param all groups too
 */
export function auditUsers(
  facts: AccessFacts,
  rules: HbaFile | undefined,
  product: Product,
  { all = false }: { all?: boolean } = {},
): Audit {
  const listed = facts.roles.filter(
    ({ login, storedHash }) => all || login || !["none", "unknown"].includes(storedHash.kind),
  );
  const prepared = rules && prepareRules(rules, product, facts.context);
  // A text that it does not load says nothing: PostgreSQL goes by what it had before, CockroachDB by its default.
  const inForce = product === "postgresql" && prepared?.notUsed !== undefined ? undefined : prepared;
  const judge = judgeBy(inForce, facts, product);
  const judged = listed.map((role) => ({ role, ...judge(role) }));
  const out = judged.filter(({ role, mayLogIn }) => role.login && mayLogIn === false);
  const users = judged.map(({ role, ways, findings }) => ({
    ...described(role, facts),
    ...(ways && { ways }),
    findings,
  }));
  return { users, summary: { ...counted(users, facts), cannotLogIn: inForce ? out.length : null } };
}

function described(role: LoginRole, facts: AccessFacts): Omit<AuditedUser, "ways" | "findings"> {
  const { name, login, storedHash, validUntil, expired } = role;
  return {
    name,
    login,
    hash: storedHash.kind === "unknown" && !isUnrecognised(role, facts) ? "unreadable" : storedHash.kind,
    ...(storedHash.kind === "scram-sha-256" && { iterations: storedHash.verifier.iterations }),
    validUntil,
    expired,
  };
}

function counted(
  users: readonly AuditedUser[],
  { hashesReadable }: AccessFacts,
): Omit<Summary, "cannotLogIn"> {
  const hashes: Partial<Record<AuditedUser["hash"], number>> = {};
  for (const { hash } of users) hashes[hash] = (hashes[hash] ?? 0) + 1;
  const old = users.filter(({ login, hash }) => login && ["md5", "bcrypt", "unknown"].includes(hash));
  return { users: users.length, hashes, toConvert: hashesReadable ? old.length : null };
}
