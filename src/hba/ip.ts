import { isIP, SocketAddress } from "node:net";

/** An address as a number: 32 bits for IPv4, 128 for IPv6. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

/** The addresses that agree with `base` in the bits of `mask`, which need not be contiguous. */
export interface IpNetwork {
  readonly family: 4 | 6;
  readonly base: bigint;
  readonly mask: bigint;
}

const WIDTH = { 4: 32, 6: 128 } as const;

/** Strict notation: four decimal numbers without leading zeros, or RFC 4291; no zone. */
export function parseIp(text: string): IpAddress | undefined {
  if (text.includes("%")) return undefined;
  const family = isIP(text);
  if (family === 4) return { family, bits: ipv4Bits(text) };
  if (family === 6) return { family, bits: ipv6Bits(text) };
  return undefined;
}

function ipv4Bits(text: string): bigint {
  return text.split(".").reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n);
}

function ipv6Bits(text: string): bigint {
  const groups = (part: string) => (part === "" ? [] : part.split(":").flatMap(groupsOf));
  const [head = "", tail] = text.split("::");
  const [before, after] = [groups(head), tail === undefined ? [] : groups(tail)];
  const zeros = Array<bigint>(8 - before.length - after.length).fill(0n);
  return [...before, ...zeros, ...after].reduce((bits, group) => (bits << 16n) | group, 0n);
}

function groupsOf(group: string): bigint[] {
  if (!group.includes(".")) return [BigInt(`0x${group}`)];
  const bits = ipv4Bits(group);
  return [bits >> 16n, bits & 0xffffn];
}

export function prefixMask(family: 4 | 6, length: number): bigint {
  const width = BigInt(WIDTH[family]);
  return ((1n << BigInt(length)) - 1n) << (width - BigInt(length));
}

export function maxPrefix(family: 4 | 6): number {
  return WIDTH[family];
}

/** The network's prefix length; undefined when its mask is not ones followed by zeros. */
export function prefixLength(network: IpNetwork): number | undefined {
  const length = network.mask.toString(2).replaceAll("0", "").length;
  return prefixMask(network.family, length) === network.mask ? length : undefined;
}

export function contains(network: IpNetwork, address: IpAddress): boolean {
  return network.family === address.family && ((network.base ^ address.bits) & network.mask) === 0n;
}

/** Whether every address of `inner` is in `outer`. */
export function covers(outer: IpNetwork, inner: IpNetwork): boolean {
  return (
    outer.family === inner.family &&
    (outer.mask & ~inner.mask) === 0n &&
    ((outer.base ^ inner.base) & outer.mask) === 0n
  );
}

/** `::ffff:10.0.0.1` as `10.0.0.1`, as Go's net package sees it; other addresses as they are. */
export function unmapped(address: IpAddress): IpAddress {
  return address.family === 6 && address.bits >> 32n === 0xffffn
    ? { family: 4, bits: address.bits & 0xffffffffn }
    : address;
}

/** 127.0.0.0/8 and ::1, from which nobody but the server's own machine connects. */
export function isLoopback(network: IpNetwork): boolean {
  return network.family === 4
    ? covers({ family: 4, base: 127n << 24n, mask: prefixMask(4, 8) }, network)
    : covers({ family: 6, base: 1n, mask: prefixMask(6, 128) }, network);
}

export function formatIp({ family, bits }: IpAddress): string {
  const [size, radix, separator] = family === 4 ? ([8, 10, "."] as const) : ([16, 16, ":"] as const);
  const parts: string[] = [];
  for (let shift = WIDTH[family] - size; shift >= 0; shift -= size) {
    parts.push(((bits >> BigInt(shift)) & ((1n << BigInt(size)) - 1n)).toString(radix));
  }
  const address = parts.join(separator);
  return family === 4 ? address : new SocketAddress({ address, family: "ipv6" }).address;
}

/** `10.0.0.0/8`, or `10.0.0.0 255.0.0.255` when the mask has gaps. */
export function formatNetwork(network: IpNetwork): string {
  const base = formatIp({ family: network.family, bits: network.base & network.mask });
  return `${base}${maskText(network)}`;
}

function maskText(network: IpNetwork): string {
  const length = prefixLength(network);
  return length === undefined ? ` ${formatIp({ family: network.family, bits: network.mask })}` : `/${length}`;
}
