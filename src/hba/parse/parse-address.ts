import { type Dialect, isCockroachdb } from "../dialect";
import { type IpAddress, maxPrefix, prefixLength, prefixMask, unmapped } from "../ip";
import { KEYWORDS } from "../keywords";
import { type AddressSpec, isKeyword, type Token } from "../model";
import { type FieldReader, single } from "./field-reader";
import { networkOf, readIp, readPrefixLength } from "./ip-notation";
import { HbaSyntaxError } from "./syntax-error";

/** The address column and, after a bare IP address, the mask column. */
export function parseAddress(reader: FieldReader, dialect: Dialect): AddressSpec {
  const token = single(
    reader.take("address-missing", "IP address specification"),
    "address-list",
    "host address",
    "Specify one address range per line.",
  );
  if (token.value === "" && isCockroachdb(dialect)) {
    throw new HbaSyntaxError("address-empty", token, "cannot use empty string as address");
  }
  const keyword = KEYWORDS.address.find((word) => isKeyword(token, word));
  if (keyword !== undefined) return { kind: keywordOf(keyword, token, dialect), token };
  if (token.value.includes("/")) return cidr(token, dialect);
  const ip = readIp(token.value, dialect);
  return ip === undefined ? { kind: "host", token } : masked(token, ip, reader, dialect);
}

function keywordOf(word: (typeof KEYWORDS.address)[number], token: Token, dialect: Dialect) {
  if (word === "all" || !isCockroachdb(dialect)) return word;
  throw new HbaSyntaxError(
    "address-unimplemented",
    token,
    `unimplemented: address specification ${word} is not yet supported`,
    { sqlState: "0A000" },
  );
}

function cidr(token: Token, dialect: Dialect): AddressSpec {
  const slash = token.value.indexOf("/");
  const ip = readIp(token.value.slice(0, slash), dialect);
  const length = ip && readPrefixLength(token.value.slice(slash + 1), ip.family, dialect);
  if (ip !== undefined && length !== undefined) {
    return { kind: "network", token, network: networkOf(ip, prefixMask(ip.family, length), dialect) };
  }
  if (isCockroachdb(dialect)) {
    throw new HbaSyntaxError("address-cidr", token, `invalid CIDR address: ${token.value}`);
  }
  throw ip === undefined
    ? new HbaSyntaxError(
        "address-host-with-mask",
        token,
        `specifying both host name and CIDR mask is invalid: "${token.value}"`,
      )
    : new HbaSyntaxError("address-cidr", token, `invalid CIDR mask in address "${token.value}"`);
}

function masked(token: Token, ip: IpAddress, reader: FieldReader, dialect: Dialect): AddressSpec {
  const mask = single(
    reader.take(
      "mask-missing",
      "netmask specification",
      "Specify an address range in CIDR notation, or provide a separate netmask.",
    ),
    "mask-list",
    "netmask",
  );
  const bits = readIp(mask.value, dialect);
  if (bits === undefined) {
    // CockroachDB's hints are its own, and here it has none.
    throw isCockroachdb(dialect)
      ? invalidMask(mask, NOT_NUMERIC)
      : invalidMask(mask, NAME_UNKNOWN, withoutMask(token, ip));
  }
  const network = familiesAgree(ip, bits, dialect);
  if (isCockroachdb(dialect) && prefixLength(maskOnly(bits)) === undefined) {
    throw invalidMask(mask, "address is not a mask");
  }
  if (network === undefined) {
    throw new HbaSyntaxError("mask-mismatch", mask, "IP address and mask do not match");
  }
  return { kind: "network", token, mask, network: networkOf(network.ip, network.mask, dialect) };
}

const NOT_NUMERIC = "netmask not in IP numeric format";
/** What glibc's getaddrinfo says of a name when numbers are asked for. */
const NAME_UNKNOWN = "Name or service not known";

function invalidMask(mask: Token, why: string, hint?: string): HbaSyntaxError {
  const details = hint === undefined ? {} : { hint };
  return new HbaSyntaxError("mask-invalid", mask, `invalid IP mask "${mask.value}": ${why}`, details);
}

/** Mostly the mask is not wrong but left out, and the method is read as one. */
function withoutMask(address: Token, ip: IpAddress): string {
  return `write ${address.value}/${maxPrefix(ip.family)} for this one address, or a netmask after it`;
}

function maskOnly(mask: IpAddress) {
  const plain = unmapped(mask);
  return { family: plain.family, base: 0n, mask: plain.bits };
}

function familiesAgree(ip: IpAddress, mask: IpAddress, dialect: Dialect) {
  const [address, bits] = isCockroachdb(dialect) ? [unmapped(ip), unmapped(mask)] : [ip, mask];
  return address.family === bits.family ? { ip: address, mask: bits.bits } : undefined;
}
