import { isIP, isIPv4 } from "node:net";

/** A range of addresses: bytes of the network and how many bits of them count. IPv4 is kept as 4 bytes. */
export interface Range {
  readonly network: Buffer;
  readonly bits: number;
}

/** Go's `net.ParseCIDR`: host bits are cut off, `2.3.4.5/8` is `2.0.0.0/8` (facts 1.2). */
export function parseCidr(text: string): Range | undefined {
  const slash = text.indexOf("/");
  const [address, bits] = [text.slice(0, slash), text.slice(slash + 1)];
  const bytes = parseIp(address);
  if (bytes === undefined || !/^\d+$/.test(bits) || Number(bits) > bytes.length * 8) return undefined;
  return cut(bytes, Number(bits));
}

/** Why a mask is none, or the range. */
export function applyMask(address: Buffer, mask: Buffer): Range | "not a mask" | "no match" {
  const binary = [...mask].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  if (!/^1*0*$/.test(binary)) return "not a mask";
  return mask.length === address.length
    ? cut(address, binary.indexOf("0") < 0 ? binary.length : binary.indexOf("0"))
    : "no match";
}

/** 4 or 16 bytes; no zone. */
export function parseIp(text: string): Buffer | undefined {
  if (isIP(text) === 0 || text.includes("%")) return undefined;
  return isIPv4(text) ? Buffer.from(text.split(".").map(Number)) : parseIpv6(text);
}

export function contains({ network, bits }: Range, address: string): boolean {
  // A socket that takes both families reports IPv4 as ::ffff:a.b.c.d.
  const bytes = parseIp(address.replace(/^::ffff:(?=\d+\.)/, ""));
  return bytes?.length === network.length && cut(bytes, bits).network.equals(network);
}

function cut(bytes: Buffer, bits: number): Range {
  const network = bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * i)))) as Buffer;
  return { network, bits };
}

function parseIpv6(text: string): Buffer {
  const v4 = /(?<=:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const hex =
    v4 === null ? text : `${text.slice(0, v4.index)}${hexPair(v4[1], v4[2])}:${hexPair(v4[3], v4[4])}`;
  const [head = "", tail] = hex.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, "0")).join(""), "hex");
}

function hexPair(high = "0", low = "0"): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}
