import { type Dialect, isCockroachdb } from "../dialect";
import { type IpAddress, type IpNetwork, maxPrefix, parseIp, prefixMask, unmapped } from "../ip";

/**
 * What a server takes for an IP address; undefined means it takes the text for a host name.
 * CockroachDB is strict (Go's net.ParseIP). PostgreSQL asks getaddrinfo, which reads `10.1` as 10.0.0.1, `10` as
 * 0.0.0.10 and `010.0.0.1` as 8.0.0.1, and lets an IPv6 address have a zone.
 */
export function readIp(text: string, dialect: Dialect): IpAddress | undefined {
  if (isCockroachdb(dialect)) return parseIp(text);
  const [address = "", zone] = text.split("%", 2);
  if (zone !== undefined) return zone !== "" && address.includes(":") ? parseIp(address) : undefined;
  return parseIp(text) ?? inetAton(text);
}

/** The notation of BSD's inet_aton: one to four numbers, decimal, octal or hexadecimal, the last filling up. */
function inetAton(text: string): IpAddress | undefined {
  const parts = text.split(".");
  const last = parts.pop();
  if (last === undefined || parts.length > 3) return undefined;
  let bits = 0n;
  for (const part of parts) {
    const octet = cNumber(part);
    if (octet === undefined || octet > 255n) return undefined;
    bits = (bits << 8n) | octet;
  }
  const rest = BigInt(8 * (4 - parts.length));
  const tail = cNumber(last);
  if (tail === undefined || tail >= 1n << rest) return undefined;
  return { family: 4, bits: (bits << rest) | tail };
}

function cNumber(written: string): bigint | undefined {
  // More digits than any address has would only take their time.
  const text = written.replace(/^(0[xX]?)0+(?=[0-9a-fA-F])/, "$1");
  if (text.length > 20) return undefined;
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return BigInt(text);
  if (/^0[0-7]*$/.test(text)) return BigInt(`0o0${text}`);
  return /^[1-9][0-9]*$/.test(text) ? BigInt(text) : undefined;
}

/** The number after the slash: Go wants digits only, C's strtol also lets blanks and a sign stand in front. */
export function readPrefixLength(text: string, family: 4 | 6, dialect: Dialect): number | undefined {
  const notation = isCockroachdb(dialect) ? /^\d{1,8}$/ : /^\s*[+-]?\d+$/;
  if (!notation.test(text)) return undefined;
  const length = Number(text);
  return length >= 0 && length <= maxPrefix(family) ? length : undefined;
}

/**
 * The network of an address and a mask. In Go an IPv4-mapped IPv6 network *is* the IPv4 network; PostgreSQL keeps
 * the families apart.
 */
export function networkOf(address: IpAddress, mask: bigint, dialect: Dialect): IpNetwork {
  const network: IpNetwork = { family: address.family, base: address.bits & mask, mask };
  if (!isCockroachdb(dialect) || network.family === 4) return network;
  const base = unmapped({ family: 6, bits: network.base });
  return base.family === 4 ? { family: 4, base: base.bits, mask: mask & prefixMask(4, 32) } : network;
}
