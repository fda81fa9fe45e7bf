import type { Session } from "../session/session";
import { requireSettingPrivilege } from "../settings/privileges";
import type { Statement } from "../sql/statement";
import { SqlError, syntaxError } from "../wire/sql-error";

/** What PostgreSQL behind could do and our code is not to rely on. */
export function refuseLacking({ backend }: Session, { tokens }: Statement): void {
  const [first, second] = tokens;
  if (first?.kind === "word" && first.value === "do") throw syntaxError("DO");
  // pkg/sql/drop_owned_by.go: only the declarative schema changer does it, and that in no explicit transaction.
  if (first?.value === "drop" && second?.value === "owned" && backend.status !== "I") {
    throw new SqlError("0A000", "DROP OWNED BY is only implemented in the declarative schema changer");
  }
  for (const { kind, value } of tokens) {
    if (kind === "word" && /^pg_(try_)?advisory_/.test(value)) {
      throw new SqlError("42883", `unknown function: ${value}()`);
    }
  }
}

/** Facts 3.7: `system.*` and `crdb_internal.*` are closed unless the session has opened them; 5.3: and to whom. */
export async function refuseRestricted(session: Session, { tokens }: Statement): Promise<void> {
  const schemaOf = (i: number) => (tokens[i + 1]?.value === "." ? tokens[i]?.value : undefined);
  const isInternal = tokens.some((_, i) => ["system", "crdb_internal"].includes(schemaOf(i) ?? ""));
  if (!isInternal) return;
  if (session.standIn.profile.restrictsInternals) {
    const [row] = await session.backend.sql(
      "SELECT current_setting('stand_in.allow_unsafe_internals') AS open",
    );
    if (row?.open !== "on") {
      throw new SqlError("42501", "Access to crdb_internal and system is restricted.", {
        hint: "These interfaces are unsupported in production. To proceed, set the session variable allow_unsafe_internals = true (not recommended), or contact Cockroach Labs for a supported alternative.",
      });
    }
  }
  const settings = tokens.some(
    (_, i) => schemaOf(i) === "crdb_internal" && tokens[i + 2]?.value === "cluster_settings",
  );
  if (settings) await requireSettingPrivilege(session, "read", "crdb_internal.cluster_settings");
}
