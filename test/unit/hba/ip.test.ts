import { BlockList } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dialectOf, type Product } from "../../../src/hba/dialect";
import { contains, covers, formatIp, formatNetwork, parseIp, prefixMask } from "../../../src/hba/ip";
import { networkOf, readIp } from "../../../src/hba/parse/ip-notation";

/** What each product takes for an IP address; undefined: a host name. */
const NOTATIONS: [text: string, cockroachdb: string | undefined, postgresql: string | undefined][] = [
  ["10.0.0.1", "10.0.0.1", "10.0.0.1"],
  ["::1", "::1", "::1"],
  ["2001:DB8:0:0:1::", "2001:db8:0:0:1::", "2001:db8:0:0:1::"],
  ["::ffff:10.0.0.1", "::ffff:10.0.0.1", "::ffff:10.0.0.1"],
  ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
  ["10", undefined, "0.0.0.10"],
  ["10.1", undefined, "10.0.0.1"],
  ["10.1.2", undefined, "10.1.0.2"],
  ["10.1.65535", undefined, "10.1.255.255"],
  ["10.1.65536", undefined, undefined],
  ["010.0.0.1", undefined, "8.0.0.1"],
  ["0x0a.0.0.1", undefined, "10.0.0.1"],
  ["4294967295", undefined, "255.255.255.255"],
  ["4294967296", undefined, undefined],
  ["08.0.0.1", undefined, undefined],
  ["256.1.1.1", undefined, undefined],
  ["1.2.3.4.5", undefined, undefined],
  ["1.2.3.", undefined, undefined],
  ["", undefined, undefined],
  ["fe80::1%lo", undefined, "fe80::1"],
  ["10.0.0.1%lo", undefined, undefined],
  ["localhost", undefined, undefined],
];

const read = (text: string, product: Product) => {
  const ip = readIp(text, dialectOf(product));
  return ip && formatIp(ip);
};

describe("addresses", () => {
  it.each(NOTATIONS)("%j is %s to CockroachDB and %s to PostgreSQL", (text, cockroachdb, postgresql) => {
    expect([read(text, "cockroachdb"), read(text, "postgresql")]).toEqual([cockroachdb, postgresql]);
  });

  it("are in the networks Node's BlockList says, for any prefix", () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    const near = fc.tuple(address, fc.nat(128), fc.nat(127)).map(([text, length, flip]) => {
      const base = parseIp(text);
      if (base === undefined) throw new Error(text);
      const width = base.family === 4 ? 32 : 128;
      const client = { ...base, bits: base.bits ^ (1n << BigInt(flip % width)) };
      return { base, client, prefix: length % (width + 1) };
    });
    fc.assert(
      fc.property(near, ({ base, client, prefix }) => {
        const list = new BlockList();
        const family = base.family === 4 ? "ipv4" : "ipv6";
        list.addSubnet(formatIp(base), prefix, family);
        const network = networkOf(base, prefixMask(base.family, prefix), dialectOf("postgresql"));
        expect(contains(network, client)).toBe(list.check(formatIp(client), family));
      }),
      { numRuns: 2_000 },
    );
  });
});

const network = (address: string, mask: string) => {
  const [base, bits] = [parseIp(address), parseIp(mask)];
  if (base === undefined || bits === undefined) throw new Error(address);
  return networkOf(base, bits.bits, dialectOf("postgresql"));
};

describe("networks", () => {
  it.each([
    ["10.1.2.3", "255.0.0.0", "10.0.0.0/8"],
    ["10.1.2.3", "0.0.0.0", "0.0.0.0/0"],
    ["10.1.2.3", "255.0.0.255", "10.0.0.3 255.0.0.255"],
    ["2001:db8::1", "ffff:ffff::", "2001:db8::/32"],
  ])("%s %s is %s", (address, mask, text) => {
    expect(formatNetwork(network(address, mask))).toBe(text);
  });

  it.each([
    ["10.0.0.0", "255.0.0.0", "10.1.0.0", "255.255.0.0", true],
    ["10.1.0.0", "255.255.0.0", "10.0.0.0", "255.0.0.0", false],
    ["0.0.0.0", "0.0.0.0", "10.0.0.0", "255.0.0.0", true],
    ["0.0.0.0", "0.0.0.0", "::1", "ffff::", false],
    ["10.0.0.1", "255.0.0.1", "10.0.0.1", "255.255.255.255", true],
    ["10.0.0.1", "255.0.0.1", "10.0.0.1", "255.255.255.0", false],
  ])("%s %s covers %s %s: %s", (a, maskA, b, maskB, expected) => {
    expect(covers(network(a, maskA), network(b, maskB))).toBe(expected);
  });
});
