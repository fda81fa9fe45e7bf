import { MIN_ITERATIONS } from "../../scram/iterations";
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
  const settings = settingsInForce(context, dialect);
  const refused = missing(visitor);
  if (refused !== undefined) {
    return visitor.exists === false && name === "ldap" && settings.ldapProvisioning
      ? unknown("cleartext-password", `\`${visitor.user}\` is created if the LDAP server knows it`)
      : refused;
  }
  return ofRoot(visitor, context, byMethod(entry, visitor, settings));
}

/** --disallow-root-login, whatever the rule says. */
function ofRoot({ user }: Visitor, { disallowRootLogin }: HbaMatchContext, verdict: Verdict): Verdict {
  if (user !== "root" || !disallowRootLogin || verdict.outcome === "fails") return verdict;
  return disallowRootLogin === "unknown"
    ? unknown(verdict.asks, "whether the node was started with --disallow-root-login is not known")
    : fails(verdict.asks, "the node was started with --disallow-root-login");
}

/** A user that does not exist is refused before anything is asked. */
export function missing({ user, exists = true, canLogin = true }: Visitor): Verdict | undefined {
  if (!exists) return fails("nothing", `there is no user \`${user}\` (28P01)`);
  return canLogin ? undefined : fails("nothing", `\`${user}\` does not have login privilege (28000)`);
}

function settingsInForce(context: HbaMatchContext, dialect: Dialect): CockroachdbSettings {
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
      return byCertificate(entry, visitor, settings);
    case "cert-scram-sha-256":
      return certificate ? byCertificate(entry, visitor, settings) : scram(visitor);
    case "cert-password":
      return certificate ? byCertificate(entry, visitor, settings) : promoted(visitor, settings);
    case "peer":
      return peer(entry, visitor);
    default:
      return unknown(
        entry.method.value === "ldap" ? "cleartext-password" : "unknown",
        `\`${entry.method.value}\` asks another server`,
      );
  }
}

/**
 * UserAuthCertHook in pkg/security/auth.go. No fall-back: a certificate of somebody else fails, password or not; but whose it is, a
 * subject alternative name or --cert-principal-map may decide, and neither is known here.
 */
function byCertificate({ options }: HbaEntry, visitor: Visitor, settings: CockroachdbSettings): Verdict {
  const { user, clientCertificate, certificateSubject } = visitor;
  if (clientCertificate === undefined) return fails("certificate", "the client sends no certificate (28000)");
  const depends = (on: string) => unknown("certificate", on);
  if (isMapped(options)) return depends("the identity map is not evaluated");
  const { commonName, distinguishedName } = clientCertificate;
  if (distinguishedName !== undefined && OF_TENANT.test(distinguishedName)) {
    return fails(
      "certificate",
      "the certificate is one of a tenant (OU=Tenants), which is no user's (28000)",
    );
  }
  if (settings.certificateSanRequired) return depends("the certificate's subject alternative names decide");
  if (certificateSubject !== undefined) {
    return certificateSubject === distinguishedName
      ? succeeds("certificate", `the certificate has the SUBJECT of \`${user}\``)
      : depends(`the certificate's distinguished name must be the SUBJECT of \`${user}\``);
  }
  if (settings.certificateSubjectRequired) {
    return user === "root"
      ? depends("what --root-cert-distinguished-name is, which the cluster asks for, is not known")
      : fails(
          "certificate",
          `\`${user}\` has no SUBJECT, which security.client_cert.subject_required.enabled asks for (28000)`,
        );
  }
  const name = foldName(commonName);
  if (name === user) return succeeds("certificate", `the client's certificate is for \`${user}\``);
  return depends(
    `the certificate's common name is \`${name}\`, and whether a subject alternative name or --cert-principal-map makes it one of \`${user}\` is not known; a password is not asked for instead`,
  );
}

const OF_TENANT = /(?:^|[,+])\s*OU=Tenants\s*(?:$|[,+])/;

/** Two maps, or an empty one, count as none. */
function isMapped(options: HbaEntry["options"]): boolean {
  const maps = options.filter(({ name }) => name === "map");
  return maps.length === 1 && maps[0]?.value !== "";
}

function peer({ options }: HbaEntry, { user, osUser }: Visitor): Verdict {
  if (isMapped(options)) return unknown("nothing", "the identity map is not evaluated");
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
