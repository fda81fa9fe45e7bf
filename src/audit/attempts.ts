import type { LoginRole } from "../database/access";
import type { EffectiveLine, HbaLogin, HbaMatch } from "../hba";
import { explainPrepared } from "../hba/match/match";
import type { PreparedRules } from "../hba/match/prepare";
import { spotsFrom } from "./spots";

/** Who comes: what is not said is the usual. */
export type Comer = Pick<LoginRole, "name" | "storedHash"> & Partial<LoginRole>;

/** How a connection is made, apart from where it comes from and where it goes. */
export type Mode = Pick<HbaLogin, "tls" | "gssEncryption" | "clientCertificate">;

/** By a certificate that is the role's own. */
export function withCertificate({ name, certificateSubject }: Comer): Mode {
  return {
    tls: true,
    clientCertificate: {
      commonName: name,
      ...(certificateSubject !== undefined && { distinguishedName: certificateSubject }),
    },
  };
}

/** A login to try. */
export interface Attempt {
  readonly login: HbaLogin;
  /** What becomes of it under one of the rules that attempts are made for. */
  into(rules: PreparedRules): HbaMatch;
}

/**
 * What makes the attempts of a role, in each of the modes, from each of the addresses to each of the databases: of those that
 * the same lines may match, one.
 */
export function attemptsFrom(
  texts: readonly PreparedRules[],
  addresses: readonly string[],
  databases: readonly string[],
): (who: Comer, modes: readonly Mode[], replication?: boolean) => Attempt[] {
  const spots = spotsFrom(texts, addresses, databases);
  return (
    { name, storedHash, expired = false, memberOf = [], login: canLogin = true, certificateSubject },
    modes,
    replication,
  ) => {
    const who = {
      user: name,
      storedHash,
      expired,
      memberOf,
      canLogin,
      ...(certificateSubject !== undefined && { certificateSubject }),
      ...(replication && { replication }),
    };
    return spots(who).flatMap(({ address, database, lines }) =>
      modes.map((mode) => attempt({ ...who, ...mode, address, database }, lines)),
    );
  };
}

function attempt(login: HbaLogin, lines: ReadonlyMap<PreparedRules, readonly EffectiveLine[]>): Attempt {
  return { login, into: (rules) => explainPrepared(rules, login, lines.get(rules)).match };
}
