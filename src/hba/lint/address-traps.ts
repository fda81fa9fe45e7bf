import type { Dialect } from "../dialect";
import { formatIp, formatNetwork, prefixLength } from "../ip";
import type { HbaEntry } from "../model";
import { readIp } from "../parse/ip-notation";
import { type HbaFinding, info, warning } from "./finding";

/** Addresses that mean something else than they look like. */
export function addressTraps({ address }: HbaEntry, dialect: Dialect): HbaFinding[] {
  if (address?.kind !== "network") return [];
  const { token, network } = address;
  const written = token.value.split("/")[0] ?? "";
  const base = formatIp({ family: network.family, bits: network.base });
  const ip = readIp(written, dialect);
  const findings: HbaFinding[] = [];
  if (prefixLength(network) === undefined) {
    const text = `The mask is not a prefix: the rule matches ${formatNetwork(network)} bit by bit`;
    findings.push(
      warning("mask-with-gaps", address.mask ?? token, text, "write the network as address/length"),
    );
  } else if (network.mask === 0n && ip !== undefined && ip.bits !== 0n) {
    findings.push(
      warning(
        "address-matches-all",
        token,
        `The mask is empty, so the rule matches every IPv${network.family} address`,
      ),
    );
  } else if (network.family === 4 && !/^\d+\.\d+\.\d+\.\d+$/.test(written)) {
    findings.push(warning("address-short", token, `\`${token.raw}\` means ${formatNetwork(network)}`));
  } else if (network.family === 4 && /(?:^|\.)0\d/.test(written)) {
    findings.push(
      warning(
        "address-octal",
        token,
        `A leading zero means octal: the rule matches ${formatNetwork(network)}`,
      ),
    );
  } else if (ip !== undefined && ip.family === network.family && formatIp(ip) !== base) {
    findings.push(info("address-host-bits", token, `The rule matches all of ${formatNetwork(network)}`));
  }
  if (network.mask === 0n) {
    const other = network.family === 4 ? 6 : 4;
    findings.push(
      info(
        "address-one-family",
        token,
        `The rule matches no IPv${other} client`,
        "write `all` for every address",
      ),
    );
  }
  return findings;
}
