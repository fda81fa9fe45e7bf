import { saslprep } from "./saslprep";

/**
 * What may keep some driver from logging in with a password, though the server is content: drivers prepare what is not ASCII
 * in different ways, or not at all (RFC 4013; docs/guides/portable-passwords.md). The end of a sentence that begins with "the password";
 * `undefined` for printable ASCII, on which all agree.
 */
export function unportable(password: string): string | undefined {
  if (/^[ -~]*$/.test(password)) return undefined;
  const { prepared, refused } = saslprep(password);
  if (refused !== undefined)
    return `has characters that SASLprep refuses (${refused}): the server takes it as it is, not every driver does`;
  if (prepared !== password)
    return "is changed by SASLprep, which the server applies and not every driver does";
  return "has characters beyond printable ASCII, which drivers prepare in different ways";
}
