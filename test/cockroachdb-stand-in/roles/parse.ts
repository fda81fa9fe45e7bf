import type { Profile } from "../profile";
import { Cursor } from "../sql/cursor";
import type { Statement } from "../sql/statement";
import { parseOptions, type RoleOption } from "./options";

/** A role as a statement names it. */
export type RoleSpec = { readonly name: string } | { readonly special: "CURRENT_USER" | "SESSION_USER" };

export interface RoleDefinition {
  readonly kind: "create" | "alter";
  /** CREATE ROLE, not CREATE USER: NOLOGIN unless told otherwise (facts 3.1). */
  readonly isRole: boolean;
  /** IF NOT EXISTS of CREATE, IF EXISTS of ALTER. */
  readonly lenient: boolean;
  readonly role: RoleSpec;
  readonly options: readonly RoleOption[];
}

export interface RoleDrop {
  readonly kind: "drop";
  readonly lenient: boolean;
  readonly roles: readonly RoleSpec[];
}

/** `ALTER ROLE x SET …`, with the cursor at what follows the name. */
export interface RoleVariable {
  readonly kind: "variable";
  readonly role: RoleSpec;
  readonly cursor: Cursor;
}

/** Facts 3.1; `undefined` for any other statement. */
export function parseRoleStatement(
  statement: Statement,
  profile: Profile,
): RoleDefinition | RoleDrop | RoleVariable | undefined {
  const cursor = new Cursor(statement);
  const kind = (["create", "alter", "drop"] as const).find((verb) => cursor.accept(verb));
  if (kind === undefined || cursor.accept("user mapping")) return undefined;
  const isRole = cursor.accept("role") || cursor.accept("group");
  if (!isRole && !cursor.accept("user")) return undefined;
  const lenient = cursor.accept(kind === "create" ? "if not exists" : "if exists");
  const role = roleSpec(cursor);
  if (kind === "drop") {
    const roles = [role];
    while (cursor.acceptSymbol(",")) roles.push(roleSpec(cursor));
    cursor.end();
    return { kind, lenient, roles };
  }
  const next = cursor.peek()?.value;
  if (kind === "alter" && (next === "set" || next === "reset")) return { kind: "variable", role, cursor };
  return { kind, isRole, lenient, role, options: parseOptions(cursor, profile) };
}

function roleSpec(cursor: Cursor): RoleSpec {
  if (cursor.accept("current_user")) return { special: "CURRENT_USER" };
  if (cursor.accept("session_user")) return { special: "SESSION_USER" };
  return { name: cursor.name() };
}
