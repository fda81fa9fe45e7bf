import type { AccessFacts, LoginRole } from "../database/access";
import type { HbaEntry, HbaFile, HbaLogin } from "../hba";

/** Ways in that do for each other. An application far away is not helped by a Unix socket. */
export interface WaysIn {
  readonly kind: "from elsewhere" | "with a certificate" | "for replication" | "at all";
  readonly logins: readonly HbaLogin[];
  /** Ways that take their place: who may come with a certificate now is not locked out, for nobody here knows who has one. */
  readonly instead: readonly HbaLogin[];
}

/** Addresses outside every network that rules are written for: documentation ranges, RFC 5737 and RFC 3849. */
const ELSEWHERE = ["203.0.113.1", "2001:db8::1"];
const LOOPBACK = ["127.0.0.1", "::1"];

/** Who comes: what is not said is the usual. */
export type Comer = Pick<LoginRole, "name" | "storedHash"> & Partial<LoginRole>;

/**
 * The logins by which a role is tried: from this session's address and from the first and the last address of every
 * network that a rule names, with TLS and without, to every database that a rule names. Whoever keeps a way in from
 * elsewhere may lose the Unix socket and the loopback; a server's stock rules open both to everybody.
 */
export function waysIn(role: Comer, files: readonly HbaFile[], { own }: AccessFacts): WaysIn[] {
  const entries = files.flatMap(entriesOf);
  const named = [own.address, ...entries.flatMap(endsOf)].filter((address) => address !== "local");
  const elsewhere = [...new Set([...ELSEWHERE, ...named])].filter((address) => !isLoopback(address));
  const databases = [...new Set([own.database, ...entries.flatMap((entry) => databasesOf(entry, role))])];
  const { name: user, storedHash, expired = false, memberOf = [], login: canLogin = true } = role;
  const who = { user, storedHash, expired, memberOf, canLogin };
  const from = (
    addresses: readonly string[],
    modes: readonly boolean[],
    more: Partial<HbaLogin> = {},
  ): HbaLogin[] =>
    databases.flatMap((database) =>
      addresses.flatMap((address) => modes.map((tls) => ({ ...who, ...more, database, address, tls }))),
    );
  const either = [true, false];
  const remote = from(elsewhere, either);
  const certified = from(elsewhere, [true], { clientCertificate: { commonName: role.name } });
  return [
    { kind: "from elsewhere", logins: remote, instead: certified },
    { kind: "with a certificate", logins: certified, instead: [] },
    {
      kind: "for replication",
      logins: role.replication ? from(elsewhere, either, { replication: true }) : [],
      instead: [],
    },
    {
      kind: "at all",
      logins: [...remote, ...from(LOOPBACK, either), ...from(["local"], [false])],
      instead: certified,
    },
  ];
}

function entriesOf(file: HbaFile): HbaEntry[] {
  return file.lines.flatMap((line) => (line.kind === "rule" ? [line.entry] : []));
}

function isLoopback(address: string): boolean {
  return /^(127\.|::1$|(0:){7}1$)/.test(address);
}

function endsOf({ address }: HbaEntry): string[] {
  if (address?.kind !== "network") return [];
  const { family, base, mask } = address.network;
  const hosts = (family === 4 ? 0xffff_ffffn : (1n << 128n) - 1n) ^ mask;
  return [base & mask, (base & mask) | hosts].map((bits) => spell(family, bits));
}

function spell(family: 4 | 6, bits: bigint): string {
  const [count, width, radix, separator] = family === 4 ? [4, 8n, 10, "."] : [8, 16n, 16, ":"];
  const parts = Array.from({ length: count as number }, (_, i) => {
    const shift = BigInt((count as number) - 1 - i) * (width as bigint);
    return ((bits >> shift) & ((1n << (width as bigint)) - 1n)).toString(radix as number);
  });
  return parts.join(separator as string);
}

/** Keywords, regular expressions and files name no database; what they may stand for is the role's own names. */
function databasesOf({ databases }: HbaEntry, { name, memberOf = [] }: Comer): string[] {
  return databases.flatMap(({ value, quoted }) => {
    if (quoted) return [value];
    if (value === "sameuser" || value === "samerole" || value === "samegroup") return [name, ...memberOf];
    return value === "all" || value === "replication" || /^[/@]/.test(value) ? [] : [value];
  });
}
