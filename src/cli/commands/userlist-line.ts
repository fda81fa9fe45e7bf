import { MAX_NAME_BYTES } from "../../database/contract/role";
import { unprintableIn } from "../terminal/exact";

/** A line of PgBouncer's userlist.txt (pgbouncer.org, "Authentication file format"). */
export function userlistLine(name: string, hash: string): string {
  return [name, hash].map((text) => `"${doubled(text)}"`).join(" ");
}

function doubled(text: string): string {
  return text.replaceAll('"', '""');
}

/** Why no user of a server is called this, if so. A statement about a name that is cut would be about somebody else. */
export function impossibleName(name: string): string | undefined {
  if (name === "") return "the user's name is empty";
  const bytes = Buffer.byteLength(name);
  return bytes > MAX_NAME_BYTES
    ? `the user's name is ${bytes} bytes long, and servers take at most ${MAX_NAME_BYTES}; check the name`
    : undefined;
}

/** Why a name has no place in what is printed as it is, if so. */
export function unfitName(name: string): string | undefined {
  const impossible = impossibleName(name);
  if (impossible !== undefined) return impossible;
  const { character } = unprintableIn(name) ?? {};
  return (
    character &&
    `user "${name}" has ${character} in its name, which a terminal or a log would obey or not show; write its line by hand`
  );
}

/** Why it has none in that file: there, a line that is too long keeps those after it from being read (PgBouncer's src/loader.c). */
export function unfitForUserlist(name: string): string | undefined {
  const unfit = unfitName(name);
  if (unfit !== undefined || Buffer.byteLength(doubled(name)) <= MAX_NAME_BYTES) return unfit;
  return `user "${name}" has so many quotes in its name that an older PgBouncer would stop reading the file there`;
}
