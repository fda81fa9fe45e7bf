import type { AccessFacts } from "../database/access";
import type { PreparedRules } from "../hba/match/prepare";
import { type Attempt, attemptsFrom, type Comer, withCertificate } from "./attempts";
import { databasesOf, endsOf, entriesOf, isLoopbackAddress } from "./named";

/** Ways in that do for each other. An application far away is not helped by a Unix socket. */
export interface WaysIn {
  readonly kind: "from elsewhere" | "with a certificate" | "for replication" | "at all";
  readonly attempts: readonly Attempt[];
  /** Ways that take their place: who may come with a certificate now is not locked out, for nobody here knows who has one. */
  readonly instead: readonly Attempt[];
}

/** Addresses outside every network that rules are written for: documentation ranges, RFC 5737 and RFC 3849. */
export const ELSEWHERE = ["203.0.113.1", "2001:db8::1"];
export const LOOPBACK = ["127.0.0.1", "::1"];

const EITHER = [{ tls: true }, { tls: false }];

/**
 * What gives the logins by which a role is tried: from this session's address and from the first and the last address of every
 * network that a rule names, with TLS and without, to every database that a rule names. Whoever keeps a way in from
 * elsewhere may lose the Unix socket and the loopback; a server's stock rules open both to everybody.
 */
export function waysInto(texts: readonly PreparedRules[], { own }: AccessFacts): (role: Comer) => WaysIn[] {
  const entries = texts.flatMap(entriesOf);
  const named = [own.address, ...entries.flatMap((entry) => endsOf(entry))];
  const addresses = [...new Set([...ELSEWHERE, ...named])].filter(
    (address) => address !== "local" && !isLoopbackAddress(address),
  );
  const databases = [own.database, ...entries.flatMap(databasesOf)];
  const fromElsewhere = attemptsFrom(texts, addresses, databases);
  const fromLoopback = attemptsFrom(texts, LOOPBACK, databases);
  const overSocket = attemptsFrom(texts, ["local"], databases);
  return (role) => {
    const remote = fromElsewhere(role, EITHER);
    const certified = fromElsewhere(role, [withCertificate(role)]);
    return [
      { kind: "from elsewhere", attempts: remote, instead: certified },
      { kind: "with a certificate", attempts: certified, instead: [] },
      {
        kind: "for replication",
        attempts: role.replication ? fromElsewhere(role, EITHER, true) : [],
        instead: [],
      },
      {
        kind: "at all",
        attempts: [...remote, ...fromLoopback(role, EITHER), ...overSocket(role, [{ tls: false }])],
        instead: certified,
      },
    ];
  };
}
