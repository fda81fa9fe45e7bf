/** SQLSTATE insufficient_privilege: the administrator may not do this. */
export const INSUFFICIENT_PRIVILEGE = "42501";

export function lacksPrivilege(error: unknown): boolean {
  return (error as { code?: unknown }).code === INSUFFICIENT_PRIVILEGE;
}
