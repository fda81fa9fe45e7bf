import type { AccessFacts, LoginRole } from "../database/access";
import { type HbaFile, type HbaMatch, matchHba, type Product, type Verdict } from "../hba";
import type { StoredHash } from "../scram/stored-hash";
import { error, type Finding, info, warning } from "./finding";
import { hashFindings } from "./hash-findings";
import { waysIn } from "./ways-in";

/** A rule by which a user may come, and what comes of it. */
export interface Way {
  /** Of the rules' text; absent for a rule that CockroachDB adds in memory. */
  readonly line?: number;
  /** The rule in one line, secrets hidden. */
  readonly rule: string;
  readonly method: string;
  readonly asks: Verdict["asks"];
  readonly outcome: Verdict["outcome"];
}

export interface AuditedUser {
  readonly name: string;
  readonly login: boolean;
  /** `unreadable` where the administrator may not read it, `unknown` where it is no hash that a server knows. */
  readonly hash: StoredHash["kind"] | "unreadable";
  /** Of a SCRAM-SHA-256 verifier. */
  readonly iterations?: number;
  /** ISO 8601; `null` for never. */
  readonly validUntil: string | null;
  readonly expired: boolean;
  /** In the order of the rules; absent where the administrator may not read them. */
  readonly ways?: readonly Way[];
  readonly findings: readonly Finding[];
}

export interface Summary {
  readonly users: number;
  /** How many of them have which kind of hash. */
  readonly hashes: Readonly<Partial<Record<AuditedUser["hash"], number>>>;
  /** Login users whose hash is md5, bcrypt or unknown; `null` where hashes cannot be read. */
  readonly toConvert: number | null;
  readonly cannotLogIn: number;
}

export interface Audit {
  readonly users: readonly AuditedUser[];
  readonly summary: Summary;
}

/**
 * Every user of a server: what is stored of its password, which rules it may come by, and what should change. Disabled users count,
 * groups do not: a role that may not log in is a user if it has a password.
 *
 * @param rules `undefined` where they cannot be read
 * @param all groups too
 */
export function auditUsers(
  facts: AccessFacts,
  rules: HbaFile | undefined,
  product: Product,
  { all = false }: { all?: boolean } = {},
): Audit {
  const users = facts.roles
    .filter(({ login, storedHash }) => all || login || !["none", "unknown"].includes(storedHash.kind))
    .map((role) => audit(role, facts, rules, product));
  return { users, summary: summarise(users, facts) };
}

function audit(
  role: LoginRole,
  facts: AccessFacts,
  rules: HbaFile | undefined,
  product: Product,
): AuditedUser {
  const { name, login, storedHash, validUntil, expired } = role;
  const matches = rules && matchesOf(role, facts, rules, product);
  return {
    name,
    login,
    hash: storedHash.kind === "unknown" && !facts.hashesReadable ? "unreadable" : storedHash.kind,
    ...(storedHash.kind === "scram-sha-256" && { iterations: storedHash.verifier.iterations }),
    validUntil,
    expired,
    ...(matches && { ways: matches.map(wayOf) }),
    findings: login ? findingsOf(role, matches, facts) : [info("no-login", "may not log in (NOLOGIN)")],
  };
}

type Decided = HbaMatch & Required<Pick<HbaMatch, "rule" | "method">>;

/** For each rule what is asked and what comes of it. What fails for want of a certificate only is a matter of the client's. */
function matchesOf(role: LoginRole, facts: AccessFacts, rules: HbaFile, product: Product): Decided[] {
  const found = new Map<string, Decided>();
  for (const { kind, logins } of waysIn(role, [rules], facts)) {
    if (kind === "from elsewhere") continue;
    for (const login of logins) {
      const match = matchHba(rules, login, product, facts.context);
      const { rule, method, asks, outcome } = match;
      if (rule === undefined || method === undefined) continue;
      found.set([idOf(rule), asks, outcome].join("\n"), { ...match, rule, method });
    }
  }
  const matches = [...found.values()];
  const open = new Set(matches.filter(({ outcome }) => outcome !== "fails").map(({ rule }) => idOf(rule)));
  return matches
    .filter(({ outcome, rule }) => outcome !== "fails" || !open.has(idOf(rule)))
    .sort((a, b) => (a.rule.line ?? 0) - (b.rule.line ?? 0));
}

function idOf({ line, text }: Decided["rule"]): string {
  return `${line}\n${text}`;
}

function wayOf({ rule, method, asks, outcome }: Decided): Way {
  return { ...(rule.line !== undefined && { line: rule.line }), rule: rule.text, method, asks, outcome };
}

function findingsOf(role: LoginRole, matches: readonly Decided[] | undefined, facts: AccessFacts): Finding[] {
  return [
    ...hashFindings(role.storedHash),
    ...(role.storedHash.kind === "unknown" && facts.hashesReadable
      ? [error("hash-unknown", "has stored what is no hash that a server knows")]
      : []),
    ...(role.expired ? [warning("expired", "has an expired password, which no login accepts")] : []),
    ...(matches === undefined
      ? []
      : [...accessFindings(role, matches), ...wayFindings(role, matches, facts)]),
  ];
}

function accessFindings({ storedHash, expired }: LoginRole, matches: readonly Decided[]): Finding[] {
  const without = storedHash.kind === "none";
  const open = matches.filter(({ outcome }) => outcome !== "fails");
  if (open.length > 0) {
    if (!without) return [];
    const how = open.every(({ asks }) => asks === "certificate") ? "with a certificate only" : "without one";
    return [info("no-password", `has no password; it comes ${how}`)];
  }
  // Said by itself.
  if (expired) return [];
  const asked = matches.find(({ method }) => method !== "reject");
  if (asked === undefined) return [error("no-rule", "cannot log in: no rule lets it in")];
  const message = `cannot log in: ${asked.reason}`;
  return [without ? error("no-password", message) : error("cannot-log-in", message)];
}

/** Of rules that let the user in, or would if its hash were another one. */
function wayFindings(
  { storedHash }: LoginRole,
  matches: readonly Decided[],
  { context }: AccessFacts,
): Finding[] {
  const entering = matches.filter(({ outcome }) => outcome === "succeeds");
  const trusting = entering.filter(({ method }) => method === "trust");
  const rewriting = matches.find(
    ({ rewritesHash, asks }) => rewritesHash !== undefined && asks === "cleartext-password",
  );
  const plain = entering.find(({ asks }) => asks === "cleartext-password");
  const refused = matches.find(({ asks, outcome }) => asks === "scram-sha-256" && outcome === "fails");
  const isOld = storedHash.kind === "md5" || storedHash.kind === "bcrypt";
  return [
    ...(trusting.length > 0
      ? [warning("trust", `comes in without a password by ${trusting.map(place).join(", ")} (trust)`)]
      : []),
    ...(rewriting !== undefined && storedHash.kind === "scram-sha-256"
      ? [
          warning(
            "cleartext-rehashed",
            `is asked for its password in clear by ${place(rewriting)}, and hashed again: it has ${storedHash.verifier.iterations} iterations, the cluster's cost is ${context.settings?.scramCost}`,
          ),
        ]
      : plain !== undefined
        ? [warning("cleartext", `is asked for its password in clear by ${place(plain)} (${plain.method})`)]
        : []),
    ...(isOld && refused !== undefined && entering.length > 0
      ? [warning("not-by-scram", `cannot come by ${place(refused)}, which asks for SCRAM`)]
      : []),
  ];
}

function place({ rule }: Decided): string {
  return rule.line === undefined ? "a built-in rule" : `line ${rule.line}`;
}

function summarise(users: readonly AuditedUser[], { hashesReadable }: AccessFacts): Summary {
  const hashes: Partial<Record<AuditedUser["hash"], number>> = {};
  for (const { hash } of users) hashes[hash] = (hashes[hash] ?? 0) + 1;
  const old = users.filter(({ login, hash }) => login && ["md5", "bcrypt", "unknown"].includes(hash));
  const out = users.filter(
    ({ login, findings }) =>
      login && findings.some(({ level, code }) => level === "error" || code === "expired"),
  );
  return {
    users: users.length,
    hashes,
    toConvert: hashesReadable ? old.length : null,
    cannotLogIn: out.length,
  };
}
