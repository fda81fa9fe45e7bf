import type { HbaEntry } from "../hba";
import { formatIp, isLoopback, maxPrefix, parseIp, prefixMask } from "../hba/ip";
import type { PreparedRules } from "../hba/match/prepare";

/** The rules that can be read; what is in an included file is not known. */
export function entriesOf({ lines }: PreparedRules): HbaEntry[] {
  return lines.flatMap((line) => (line.kind === "rule" ? [line.entry] : []));
}

/** The first and the last address of the network that a rule names, and with `around` its neighbours too. */
export function endsOf({ address }: HbaEntry, around = false): string[] {
  if (address?.kind !== "network") return [];
  const { family, base, mask } = address.network;
  const every = prefixMask(family, maxPrefix(family));
  const [first, last] = [base & mask, (base & mask) | (every ^ mask)];
  const neighbours = around ? [first - 1n, last + 1n] : [];
  return [first, last, ...neighbours]
    .filter((bits) => bits >= 0n && bits <= every)
    .map((bits) => formatIp({ family, bits }));
}

export function isLoopbackAddress(text: string): boolean {
  const address = parseIp(text);
  if (address === undefined) return false;
  const { family, bits } = address;
  return isLoopback({ family, base: bits, mask: prefixMask(family, maxPrefix(family)) });
}

/** Keywords that stand for the names of whoever comes. */
const OWN_NAMES = ["sameuser", "samerole", "samegroup"];

export function namesOwnDatabase({ databases }: HbaEntry): boolean {
  return databases.some(({ value, quoted }) => !quoted && OWN_NAMES.includes(value));
}

/** Keywords, regular expressions and files name no database. */
export function databasesOf({ databases }: HbaEntry): string[] {
  return databases
    .filter(({ value, quoted }) => quoted || !/^([/@]|(all|replication|same(user|role|group))$)/.test(value))
    .map(({ value }) => value);
}
