/**
 * A user's name as CockroachDB keeps it, quoted or not: Unicode lower case, then NFC; the dotted and the dotless Turkish i
 * become i. Source: pkg/security/username.
 */
export function foldName(name: string): string {
  return name
    .replaceAll(/[\u0130\u0131]/g, "i")
    .toLowerCase()
    .normalize("NFC");
}
