import type { StoredHash } from "../../scram/stored-hash";
import type { Dialect } from "../dialect";
import { cockroachdbMethod } from "../methods/cockroachdb";
import type { HbaEntry } from "../model";
import { foldName } from "../names";
import type { HbaMatchContext, Visitor } from "./login";
import { type CockroachdbSettings, defaultSettings } from "./settings-cockroachdb";
import { fails, succeeds, unknown, type Verdict } from "./verdict";

/** What the server checks before it looks at the rules. */
export function beforeRules({ transport }: Visitor, context: HbaMatchContext): Verdict | undefined {
  if (transport !== "plain" && transport !== "gss") return undefined;
  return context.acceptSqlWithoutTls
    ? undefined
    : fails("nothing", "the node is running in secure mode and wants TLS (08P01)");
}

/** What a secure node does with a login that a rule matched: findAuthenticationMethod, then the method itself. */
export function verdictByCockroachdb(
  entry: HbaEntry,
  visitor: Visitor,
  context: HbaMatchContext,
  dialect: Dialect,
): Verdict {
  const name = entry.method.value;
  const method = cockroachdbMethod(name, dialect, context.build);
  if (method === undefined) return unknown("unknown", `\`${name}\` is no method of this server`);
  if (!method.transports.includes(visitor.transport)) {
    return fails("nothing", `the method \`${name}\` is unusable over this connection type (28000)`);
  }
  return missing(visitor) ?? byMethod(entry, visitor, settingsOf(context, dialect));
}

/** A user that does not exist is refused before anything is asked. */
export function missing({ user, exists = true, canLogin = true }: Visitor): Verdict | undefined {
  if (!exists) return fails("nothing", `there is no user \`${user}\` (28P01)`);
  return canLogin ? undefined : fails("nothing", `\`${user}\` does not have login privilege (28000)`);
}

function settingsOf(context: HbaMatchContext, dialect: Dialect): CockroachdbSettings {
  return { ...defaultSettings(dialect.version), ...context.settings };
}

function byMethod(entry: HbaEntry, visitor: Visitor, settings: CockroachdbSettings): Verdict {
  const certificate = visitor.transport === "tls" ? visitor.clientCertificate : undefined;
  switch (entry.method.value) {
    case "trust":
      return succeeds("nothing", "`trust` lets everybody in");
    case "reject":
      return fails("nothing", "`reject` refuses every login (28000)");
    case "password":
      return cleartext(visitor, settings);
    case "scram-sha-256":
      return scram(visitor);
    case "cert":
      return certificateVerdict(entry, visitor);
    case "cert-scram-sha-256":
      return certificate ? certificateVerdict(entry, visitor) : scram(visitor);
    case "cert-password":
      return certificate ? certificateVerdict(entry, visitor) : promoted(visitor, settings);
    case "peer":
      return peer(entry, visitor);
    default:
      return unknown(
        entry.method.value === "ldap" ? "cleartext-password" : "unknown",
        `\`${entry.method.value}\` asks another server`,
      );
  }
}

/** No fall-back: a certificate of somebody else fails, password or not. */
function certificateVerdict({ options }: HbaEntry, { user, clientCertificate }: Visitor): Verdict {
  if (clientCertificate === undefined) return fails("certificate", "the client sends no certificate (28000)");
  if (options.some(({ name }) => name === "map")) {
    return unknown("certificate", "the identity map is not evaluated");
  }
  const name = foldName(clientCertificate.commonName);
  if (name === user) return succeeds("certificate", `the client's certificate is for \`${user}\``);
  if (name === "node")
    return unknown("certificate", "whether a node's certificate may act for a user is not evaluated");
  return fails(
    "certificate",
    `the client's certificate is for \`${name}\`, and a password is not asked for instead`,
  );
}

function peer({ options }: HbaEntry, { user, osUser }: Visitor): Verdict {
  if (options.some(({ name }) => name === "map"))
    return unknown("nothing", "the identity map is not evaluated");
  if (osUser === undefined) return unknown("nothing", "the operating system's user is not known");
  return foldName(osUser) === user
    ? succeeds("nothing", `the operating system's user is \`${user}\``)
    : fails("nothing", `the operating system's user is \`${osUser}\` (28000)`);
}

/** authAutoSelectPasswordProtocol: SCRAM, unless only the password in clear lets the server do what it wants. */
function promoted(visitor: Visitor, settings: CockroachdbSettings): Verdict {
  const { storedHash } = visitor;
  if (!settings.autoScramPromotion || storedHash.kind === "bcrypt") return cleartext(visitor, settings);
  // Which of the two is asked, and fails alike where it is expired.
  if (storedHash.kind === "unknown") return { ...scram(visitor), asks: "unknown" };
  return rewrites(storedHash, settings) === undefined ? scram(visitor) : cleartext(visitor, settings);
}

/** The fewest iterations with which CockroachDB loads a stored verifier. */
const MIN_ITERATIONS = 4096;

function scram(visitor: Visitor): Verdict {
  const { user, storedHash } = visitor;
  const refuse = (why: string) => fails("scram-sha-256", `${why} (28P01)`);
  const expired = isExpired(visitor) ? refuse(`the password of \`${user}\` is expired`) : undefined;
  if (storedHash.kind === "unknown")
    return expired ?? unknown("scram-sha-256", "the stored hash is not known");
  if (storedHash.kind === "none") return refuse(`\`${user}\` has no password`);
  if (storedHash.kind !== "scram-sha-256") {
    return refuse(`SCRAM is asked for, and the stored hash of \`${user}\` is ${storedHash.kind}`);
  }
  if (tooFewIterations(storedHash)) return refuse(unusable(storedHash.verifier.iterations));
  return expired ?? succeeds("scram-sha-256", "the stored hash is SCRAM");
}

/** Root's VALID UNTIL is not enforced. */
function isExpired({ user, expired = false }: Visitor): boolean {
  return expired && user !== "root";
}

function cleartext(visitor: Visitor, settings: CockroachdbSettings): Verdict {
  const { user, storedHash } = visitor;
  if (isExpired(visitor)) {
    return fails("cleartext-password", `the password of \`${user}\` is expired (28000)`);
  }
  if (storedHash.kind === "unknown") return unknown("cleartext-password", "the stored hash is not known");
  if (storedHash.kind === "none") return fails("cleartext-password", `\`${user}\` has no password (28P01)`);
  if (storedHash.kind === "md5")
    return fails("cleartext-password", "CockroachDB knows no md5 hashes (28P01)");
  if (storedHash.kind === "scram-sha-256" && tooFewIterations(storedHash)) {
    return fails("cleartext-password", `${unusable(storedHash.verifier.iterations)} (28P01)`);
  }
  const rewritesHash = rewrites(storedHash, settings);
  const verdict = succeeds("cleartext-password", `the stored hash is ${hashName(storedHash)}`);
  return rewritesHash === undefined ? verdict : { ...verdict, rewritesHash };
}

/** What a successful login with the password in clear makes of the stored hash. */
function rewrites(storedHash: StoredHash, settings: CockroachdbSettings): Verdict["rewritesHash"] {
  const toScram = settings.passwordEncryption === "scram-sha-256";
  if (storedHash.kind === "bcrypt")
    return toScram && settings.upgradeBcryptToScram ? "scram-sha-256" : undefined;
  if (storedHash.kind !== "scram-sha-256") return undefined;
  if (!toScram) return settings.downgradeScramToBcrypt ? "bcrypt" : undefined;
  const differs = storedHash.verifier.iterations !== settings.scramCost;
  return differs && settings.rehashOnCostChange ? "scram-sha-256" : undefined;
}

function tooFewIterations({ verifier }: Extract<StoredHash, { kind: "scram-sha-256" }>): boolean {
  return verifier.iterations < MIN_ITERATIONS;
}

function unusable(iterations: number): string {
  return `a stored hash with ${iterations} iterations is not loaded`;
}

function hashName(storedHash: StoredHash): string {
  return storedHash.kind === "scram-sha-256"
    ? `SCRAM with ${storedHash.verifier.iterations} iterations`
    : storedHash.kind;
}
