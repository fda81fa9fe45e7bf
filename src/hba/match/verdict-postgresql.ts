import type { HbaEntry } from "../model";
import type { HbaMatchContext, Visitor } from "./login";
import { fails, succeeds, unknown, type Verdict } from "./verdict";

/** ClientAuthentication in src/backend/libpq/auth.c: the certificate first, then the method, then the role. */
export function verdictByPostgresql(
  entry: HbaEntry,
  visitor: Visitor,
  context: HbaMatchContext = {},
): Verdict {
  if (context.sslCaFile === false && asksCertificate(entry)) {
    return fails(
      "certificate",
      "client certificates can only be checked if a root certificate store is available (`ssl_ca_file` is empty)",
    );
  }
  const verdict = withClientCertificate(entry, visitor, byMethod(entry, visitor));
  if (verdict.outcome === "fails") return verdict;
  const { user, exists = true, canLogin = true } = visitor;
  if (!exists) return fails(verdict.asks, `there is no role \`${user}\``);
  return canLogin ? verdict : fails(verdict.asks, `the role \`${user}\` is not permitted to log in (28000)`);
}

/** What the server says before it looks at the rules. */
export function withoutTls({ transport }: Visitor, { ssl }: HbaMatchContext): Verdict | undefined {
  return transport === "tls" && ssl === false
    ? fails("nothing", "the server answers no TLS (`ssl` is off)")
    : undefined;
}

/** The method, or `clientcert` on any other. */
export function asksCertificate({ method, options }: HbaEntry): boolean {
  return method.value === "cert" || options.some(({ name }) => name === "clientcert");
}

function byMethod(entry: HbaEntry, visitor: Visitor): Verdict {
  const name = entry.method.value;
  switch (name) {
    case "trust":
      return succeeds("nothing", "`trust` lets everybody in");
    case "reject":
      return fails("nothing", "`reject` refuses every login (28000)");
    case "scram-sha-256":
      return password(visitor, "scram-sha-256");
    case "md5":
      return password(visitor, askedByMd5(visitor));
    case "password":
      return password(visitor, "cleartext-password");
    case "cert":
      return certificate(entry, visitor);
    case "peer":
      return peer(entry, visitor);
    case "ident":
      if (entry.connection.type === "local") return peer(entry, visitor);
      return unknown("nothing", "the client's ident server is not asked");
    case "gss":
    case "sspi":
    case "oauth":
      return unknown("unknown", `\`${name}\` asks another server`);
    default:
      return unknown("cleartext-password", `\`${name}\` asks another server`);
  }
}

/** `md5` means "hashed somehow": for a SCRAM hash it is SCRAM. */
function askedByMd5({ storedHash: { kind } }: Visitor): Verdict["asks"] {
  if (kind === "unknown") return "unknown";
  return kind === "md5" ? "md5-password" : "scram-sha-256";
}

function password({ user, storedHash, expired = false }: Visitor, asks: Verdict["asks"]): Verdict {
  const { kind } = storedHash;
  if (kind === "none") return fails(asks, `\`${user}\` has no password (28P01)`);
  if (expired) return fails(asks, `the password of \`${user}\` is expired (28P01)`);
  if (kind === "unknown") return unknown(asks, "the stored hash is not known");
  if (kind === "bcrypt") return fails(asks, "PostgreSQL knows no bcrypt hashes (28P01)");
  if (asks === "scram-sha-256" && kind === "md5") {
    return fails(asks, `SCRAM is asked for, and the stored hash of \`${user}\` is md5 (28P01)`);
  }
  return succeeds(asks, `the stored hash is ${kind === "md5" ? "md5" : "SCRAM"}`);
}

/** `clientcert` on any method: the certificate comes first, and with verify-full must name the user. */
function withClientCertificate(entry: HbaEntry, visitor: Visitor, verdict: Verdict): Verdict {
  const wanted = entry.options.findLast(({ name }) => name === "clientcert")?.value;
  if (wanted === undefined || entry.method.value === "cert") return verdict;
  if (visitor.clientCertificate === undefined || visitor.transport !== "tls") {
    return fails("certificate", "the connection requires a valid client certificate (28000)");
  }
  if (wanted !== "verify-full" || verdict.outcome === "fails") return verdict;
  const named = certificate(entry, visitor);
  return named.outcome === "succeeds" ? verdict : { ...named, asks: verdict.asks };
}

function certificate({ options }: HbaEntry, { user, clientCertificate }: Visitor): Verdict {
  if (clientCertificate === undefined) {
    return fails("certificate", "the connection requires a valid client certificate (28000)");
  }
  if (options.some(({ name, value }) => name === "map" && value !== "")) {
    return unknown("certificate", "the user name map is not evaluated");
  }
  const byDn = options.findLast(({ name }) => name === "clientname")?.value === "DN";
  const name = byDn ? clientCertificate.distinguishedName : clientCertificate.commonName;
  if (name === undefined) return unknown("certificate", "the certificate's distinguished name is not known");
  return name === user
    ? succeeds("certificate", `the client's certificate is for \`${user}\``)
    : fails("certificate", `the client's certificate is for \`${name}\` (28000)`);
}

function peer({ options }: HbaEntry, { user, osUser }: Visitor): Verdict {
  if (options.some(({ name, value }) => name === "map" && value !== "")) {
    return unknown("nothing", "the user name map is not evaluated");
  }
  if (osUser === undefined) return unknown("nothing", "the operating system's user is not known");
  return osUser === user
    ? succeeds("nothing", `the operating system's user is \`${user}\``)
    : fails("nothing", `the operating system's user is \`${osUser}\` (28000)`);
}
