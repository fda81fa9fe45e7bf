import type { LoginRole } from "../database/contract/access";
import type { CockroachdbSettings } from "../hba";
import { type Finding, info, warning } from "./finding";
import { asksPassword, type Decided, placeOf, placesOf } from "./matches";

/** Of rules that let the user in, or would if its hash were another one. */
export function wayFindings(
  { storedHash }: LoginRole,
  decided: readonly Decided[],
  settings: Partial<CockroachdbSettings> = {},
): Finding[] {
  const entering = decided.filter(({ outcome }) => outcome === "succeeds");
  const trusting = entering.filter(({ method }) => method === "trust");
  return [
    ...(trusting.length > 0
      ? [warning("trust", `comes in without a password by ${placesOf(trusting)}`)]
      : []),
    ...inClear(storedHash, entering, settings),
    ...(entering.length > 0 && (storedHash.kind === "md5" || storedHash.kind === "bcrypt")
      ? notByScram(decided, entering)
      : []),
  ];
}

function notByScram(decided: readonly Decided[], entering: readonly Decided[]): Finding[] {
  const refused = decided.find(({ asks, outcome }) => asks === "scram-sha-256" && outcome === "fails");
  if (refused === undefined) return [];
  const where = placeOf(refused.rule);
  return [
    entering.some(asksPassword)
      ? warning("not-by-scram", `cannot come by ${where}, which asks for SCRAM`)
      : warning("not-by-scram", `comes in, but never by its password: ${where} asks for SCRAM`),
  ];
}

function inClear(
  storedHash: LoginRole["storedHash"],
  entering: readonly Decided[],
  { scramCost }: Partial<CockroachdbSettings>,
): Finding[] {
  const asked = entering.filter(({ asks }) => asks === "cleartext-password");
  // Over a socket it crosses no network, and where nobody wrote the rule there is nothing to change.
  const remote = asked.find(({ rule }) => rule.entry.connection.type !== "local");
  const socket = asked.find(({ rule }) => rule.origin === "text");
  const [any] = remote === undefined ? asked : [remote];
  if (any === undefined) return [];
  const isAsked = `is asked for its password in clear by ${placeOf(any.rule)}`;
  if (storedHash.kind === "scram-sha-256" && any.rewritesHash === "scram-sha-256") {
    const { iterations } = storedHash.verifier;
    return [
      warning(
        "cleartext-rehashed",
        `${isAsked}, and hashed again: it has ${iterations} iterations, the cluster's cost is ${scramCost}`,
      ),
    ];
  }
  if (storedHash.kind === "scram-sha-256" && any.rewritesHash === "bcrypt") {
    return [
      warning(
        "cleartext-downgraded",
        `${isAsked}, and stored as bcrypt then: the cluster's password_encryption is crdb-bcrypt`,
      ),
    ];
  }
  if (remote !== undefined) return [warning("cleartext", `${isAsked} (${remote.method})`)];
  return socket === undefined
    ? []
    : [info("cleartext", `${isAsked} (${socket.method}), over a Unix socket only`)];
}
