import type { Rule } from "../hba/rules";
import { SqlError } from "../wire/sql-error";
import type { Attempt } from "./attempt";
import { cleartext } from "./cleartext";
import { scram, usableVerifier } from "./scram";

type Method = (attempt: Attempt) => Promise<void>;

/** Facts 4.3: what each method asks of the client; returns when satisfied. */
export const LOGIN_METHODS: Readonly<Record<string, Method>> = {
  password: cleartext,
  "scram-sha-256": scram,
  cert: certificate,
  // A client certificate is checked, and no password helps if it is another user's.
  "cert-scram-sha-256": (attempt) => (hasCertificate(attempt) ? certificate(attempt) : scram(attempt)),
  "cert-password": (attempt) => {
    if (hasCertificate(attempt)) return certificate(attempt);
    return promotesToScram(attempt) ? scram(attempt) : cleartext(attempt);
  },
  trust: async () => {},
  reject: async () => {
    throw new SqlError("28000", "authentication rejected by configuration");
  },
};

/** `map=`: the certificate's name was looked up in the identity map already (facts 1.8, 4.2). */
export function mapOf({ options }: Rule): string | undefined {
  const maps = options.filter(([name]) => name === "map").map(([, map]) => map);
  // Facts-2: two of them, or an empty one, count as none.
  return maps.length === 1 && maps[0] !== "" ? maps[0] : undefined;
}

function hasCertificate({ visitor }: Attempt): boolean {
  return visitor.certificate !== undefined;
}

async function certificate({ visitor, user, rule }: Attempt): Promise<void> {
  if (visitor.certificate === undefined) {
    throw new SqlError("28000", "no TLS peer certificates, but required for auth");
  }
  // The sentence is not in the facts; the code is.
  if (mapOf(rule) === undefined && visitor.certificate !== user.name) {
    throw new SqlError("28000", `certificate authentication failed for user "${user.name}"`);
  }
}

/** Facts 4.3, the rows of cert-password without a certificate: SCRAM, or cleartext so that the hash can be rewritten. */
function promotesToScram({ user, settings }: Attempt): boolean {
  const enabled = (name: string) => settings.bool(`server.user_login.${name}.enabled`);
  if (!enabled("cert_password_method.auto_scram_promotion")) return false;
  if (user.hash === "") return true;
  if (!user.hash.startsWith("SCRAM-SHA-256$")) return false;
  if (settings.text("server.user_login.password_encryption") === "crdb-bcrypt") {
    return !enabled("downgrade_scram_stored_passwords_to_bcrypt");
  }
  const cost = settings.int("server.user_login.password_hashes.default_cost.scram_sha_256");
  return (
    !enabled("rehash_scram_stored_passwords_on_cost_change") || usableVerifier(user.hash)?.iterations === cost
  );
}
