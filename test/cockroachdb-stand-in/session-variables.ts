import type { Profile } from "./profile";

/** A session variable that may be shown and, unless it is read-only, set. */
export interface SessionVariable {
  readonly name: string;
  /** Not in PostgreSQL, or another value: kept as `stand_in.<name>`, beginning with this. */
  readonly own?: string;
  readonly readOnly?: boolean;
}

/** Both products have these; any other is unknown to the stand-in, `log_statement` for one. */
const SHARED = [
  "application_name",
  "bytea_output",
  "client_encoding",
  "client_min_messages",
  "datestyle",
  "default_transaction_isolation",
  "default_transaction_read_only",
  "extra_float_digits",
  "idle_in_transaction_session_timeout",
  "intervalstyle",
  "is_superuser",
  "lock_timeout",
  "role",
  "row_security",
  "search_path",
  "server_encoding",
  "session_authorization",
  "standard_conforming_strings",
  "statement_timeout",
  "timezone",
  "transaction_isolation",
  "transaction_read_only",
  "transaction_timeout",
];

export function sessionVariables(profile: Profile): readonly SessionVariable[] {
  return [
    ...SHARED.map((name) => ({ name })),
    { name: "crdb_version", own: profile.crdbVersion, readOnly: true },
    // Facts 5.1: a number for compatibility's sake.
    { name: "server_version", own: "13.0.0", readOnly: true },
    { name: "server_version_num", own: "130000", readOnly: true },
    // Facts 2.4: what it is at the beginning of the session is the cluster setting's value.
    { name: "password_encryption", own: profile.passwordEncryption, readOnly: true },
    { name: "allow_role_memberships_to_change_during_transaction", own: "off" },
    // Facts 3.7: off from v26.1 on; not known before v25.4.
    ...(profile.restrictsInternals ? [{ name: "allow_unsafe_internals", own: "off" }] : []),
  ];
}
