import { SqlError } from "../wire/sql-error";

/** Facts 3.2: lower case, the Turkish i too, then NFC; double quotes or not. As Go, letter by letter: no final sigma. */
export function normaliseName(name: string): string {
  const letters = [...name.replaceAll(/[İı]/g, "i")].map((letter) => letter.toLowerCase());
  return letters.join("").normalize("NFC");
}

const VALID = /^[\p{Ll}0-9_][-\p{Ll}0-9_.]*$/u;

const HINT =
  "Usernames are case insensitive, must start with a letter, digit or underscore, may contain letters, digits, dashes, periods, or underscores, and must not exceed 63 characters.";

/** For CREATE and DROP, after folding; ALTER just does not find the role (facts 3.2). */
export function validateName(name: string): void {
  if (name === "") throw new SqlError("42602", "username is empty", { hint: HINT });
  if (!VALID.test(name)) throw new SqlError("42602", `"${name}": username is invalid`, { hint: HINT });
  if (Buffer.byteLength(name) > 63) throw new SqlError("42622", "username is too long", { hint: HINT });
}

export function refuseReserved(name: string): void {
  if (["public", "none", "node"].includes(name) || /^(pg_|crdb_internal_)/.test(name)) {
    throw new SqlError("42939", `role name "${name}" is reserved`);
  }
}
