/** A line of PgBouncer's userlist.txt (pgbouncer.org, "Authentication file format"). */
export function userlistLine(name: string, hash: string): string {
  return [name, hash].map((text) => `"${text.replaceAll('"', '""')}"`).join(" ");
}
