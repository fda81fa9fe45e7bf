/**
 * The octets, or `undefined` unless this is canonical base64: the standard alphabet, padded, no stray bits. Node
 * decodes leniently; only canonical text comes back as it was.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const octets = Buffer.from(text, "base64");
  return octets.toString("base64") === text ? octets : undefined;
}
