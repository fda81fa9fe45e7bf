import { ASKED } from "../../tools/postgres/older-versions.mts";

/** The major version of the tests' PostgreSQL. */
export const SERVER_VERSION = Number(process.env[ASKED] ?? 18);

/** What came with which version, as far as a test depends on it. */
const SINCE = {
  /** Views that act with the rights of who uses them. */
  securityInvoker: 15,
  includeInHba: 16,
  regularExpressionsInHba: 16,
  /** CREATEROLE is limited to roles of which one has ADMIN OPTION, and who makes a role has it. */
  limitedCreateRole: 16,
  /** INHERIT and SET of a membership, and createrole_self_grant. */
  membershipOptions: 16,
  scramIterations: 16,
  /** A subscription may belong to somebody who is no superuser. */
  anybodysSubscription: 16,
  directTls: 17,
  transactionTimeout: 17,
  md5Deprecated: 18,
} as const;

export function serverHas(feature: keyof typeof SINCE): boolean {
  return SERVER_VERSION >= SINCE[feature];
}
