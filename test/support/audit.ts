import { auditUsers } from "../../src/audit/users";
import type { AccessFacts, LoginRole } from "../../src/database/contract/access";
import { type HbaMatchContext, type Product, parseHbaLeniently } from "../../src/hba";
import type { StoredHash } from "../../src/scram/stored-hash";

export const scram = (iterations: number) =>
  ({ kind: "scram-sha-256", verifier: { iterations } }) as StoredHash;
export const MD5: StoredHash = { kind: "md5" };
export const BCRYPT: StoredHash = { kind: "bcrypt", cost: 10 };
export const NONE: StoredHash = { kind: "none" };
export const UNKNOWN: StoredHash = { kind: "unknown" };

/** In order on either product, if nothing else is said. */
export const role = (rest: Partial<LoginRole> = {}): LoginRole => ({
  name: "app",
  login: true,
  storedHash: scram(10_610),
  validUntil: null,
  expired: false,
  memberOf: [],
  replication: false,
  ...rest,
});

/** Expired long ago. */
export const GONE = { expired: true, validUntil: "2020-01-01T00:00:00.000Z" };

export interface Given {
  readonly product?: Product;
  readonly context?: HbaMatchContext;
  readonly hashesReadable?: boolean;
  readonly databases?: readonly string[];
  readonly all?: boolean;
}

/** @param rules `undefined` where the administrator may not read them */
export function audit(rules: string | undefined, roles: readonly LoginRole[], given: Given = {}) {
  const { product = "postgresql", context = { version: "18" }, hashesReadable = true, all = false } = given;
  const facts: AccessFacts = {
    roles,
    hashesReadable,
    own: { user: "admin", database: "postgres", address: "local", tls: false },
    context,
    ...(given.databases && { databases: given.databases }),
  };
  const file = rules === undefined ? undefined : parseHbaLeniently(rules, product, context);
  return auditUsers(facts, file, product, { all });
}

/** What is found of one user: `error no-rule`. */
export function found(rules: string | undefined, rest: Partial<LoginRole>, given: Given = {}): string[] {
  return messages(rules, rest, given).map((message) => message.replace(/:.*/, ""));
}

/** The same with its words: `error no-rule: cannot log in: no rule lets it in`. */
export function messages(rules: string | undefined, rest: Partial<LoginRole>, given: Given = {}): string[] {
  const [user] = audit(rules, [role(rest)], given).users;
  return (user?.findings ?? []).map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
}
