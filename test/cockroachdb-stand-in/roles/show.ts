import type { Profile } from "../profile";
import type { Plan } from "../statements/plan";

/** Facts 3.6: SHOW USERS and SHOW ROLES, which need read access to the tables. */
export function showRoles({ lastLogin }: Profile): Plan {
  const options = `SELECT option || coalesce('=' || value, '') AS option FROM system.role_options o
    WHERE o.username = u.username ORDER BY option`;
  const columns = [
    "username",
    lastLogin
      ? `ARRAY(${options}) AS options`
      : `coalesce((SELECT string_agg(option, ', ') FROM (${options}) given), '') AS options`,
    "ARRAY(SELECT role FROM system.role_members m WHERE m.member = u.username ORDER BY role) AS member_of",
    ...(lastLogin ? ["estimated_last_login_time"] : []),
  ];
  return {
    kind: "forward",
    text: `SELECT ${columns.join(", ")} FROM system.users u ORDER BY username`,
    ...(lastLogin && {
      notices: [
        "estimated_last_login_time is computed on a best effort basis; it is not guaranteed to capture every login event",
      ],
    }),
  };
}
