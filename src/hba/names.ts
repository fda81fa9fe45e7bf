/**
 * A name as CockroachDB compares it, quoted or not: lower case (the Turkish dotted İ and dotless ı both become
 * i), then NFC. Character by character, as Go does it, so that a final Σ becomes σ.
 */
export function foldName(name: string): string {
  return Array.from(name, (character) => (/[İı]/.test(character) ? "i" : character.toLowerCase()))
    .join("")
    .normalize("NFC");
}

/** What CREATE USER accepts, after folding; a name outside it belongs to no user. */
const VALID_NAME = /^[\p{Ll}0-9_][-\p{Ll}0-9_.]*$/u;

/** Whether CockroachDB could have a user of that name. */
export function canBeCockroachdbUser(name: string): boolean {
  const folded = foldName(name);
  return VALID_NAME.test(folded) && Buffer.byteLength(folded) <= 63;
}
