import type { LoginRole } from "../../database/contract/access";
import type { PreparedRules } from "../../hba/match/prepare";
import { nameKind } from "../../hba/name-kind";
import { foldName } from "../../hba/names";
import type { StoredHash } from "../../scram/stored-hash";

/** What nobody is called: whoever no rule names. */
export const ANY_OTHER_USER = "(any other user)";

/** For texts without a server: the users that they name, and one that no rule names; each has a SCRAM verifier and is a member of nothing. */
export function usersNamedBy(texts: readonly PreparedRules[]): LoginRole[] {
  const names = new Set<string>();
  for (const text of texts) {
    for (const token of text.lines.flatMap((line) => (line.kind === "rule" ? line.entry.users : []))) {
      if (nameKind(token, "user", text.dialect) !== "literal") continue;
      names.add(text.dialect.product === "cockroachdb" ? foldName(token.value) : token.value);
    }
  }
  return [...[...names].sort(), ANY_OTHER_USER].map((name) => ({
    name,
    login: true,
    storedHash: SCRAM,
    validUntil: null,
    expired: false,
    memberOf: [],
    replication: true,
  }));
}

const SCRAM: StoredHash = {
  kind: "scram-sha-256",
  verifier: {
    iterations: 10_610,
    salt: Buffer.alloc(16),
    storedKey: Buffer.alloc(32),
    serverKey: Buffer.alloc(32),
  },
};
