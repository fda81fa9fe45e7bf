/** A line of PgBouncer's userlist.txt (pgbouncer.org, "Authentication file format"). */
export function userlistLine(name: string, hash: string): string {
  return [name, hash].map((text) => `"${text.replaceAll('"', '""')}"`).join(" ");
}

/** Why a name has no place in such a line, if so. */
export function unfitName(name: string): string | undefined {
  if (name === "") return "the user's name is empty";
  if (/[\r\n\0]/.test(name)) return `user "${name}" has a line break in its name, which the file cannot hold`;
  return undefined;
}
