import type { LoginRole } from "../database/contract/access";
import type { EffectiveLine } from "../hba";
import { error, type Finding, info, warning } from "./finding";
import { asksPassword, isOpen, type Matches, mayAskPassword, mayLogIn, placesOf } from "./matches";

/** A role, and the outcome of its logins. */
export interface Judged {
  readonly role: LoginRole;
  /** What is stored of its password is not a hash. */
  readonly unrecognised: boolean;
  readonly matches: Matches;
  /** What would come of them if its password were not expired. */
  readonly unexpired: Matches;
}

/** What is wrong with its password, where the rules are not known. */
export function passwordFindings({ expired }: LoginRole, unrecognised: boolean): Finding[] {
  return [
    ...(unrecognised ? [warning("hash-unknown", `${UNRECOGNISED}, so that no password fits`)] : []),
    ...(expired ? [warning("expired", "has an expired password")] : []),
  ];
}

/** Whether the user gets in, and if not why. */
export function accessFindings({ role, unrecognised, matches, unexpired }: Judged): Finding[] {
  const open = mayLogIn(matches);
  const without = role.storedHash.kind === "none";
  return [
    ...(role.expired && !without ? [ofExpired(matches)] : []),
    // Where it is only that its password is expired, this is said already.
    ...(open || mayLogIn(unexpired) ? [] : [lockedOut(unexpired, without, unrecognised)]),
    ...(open && unrecognised ? [warning("hash-unknown", `${UNRECOGNISED}, so that no password fits`)] : []),
    ...(open && without ? [withoutPassword(matches)] : []),
    ...(open ? notKnown(matches) : []),
  ];
}

const UNRECOGNISED = "what is stored is not a hash that the server recognises";

function ofExpired(matches: Matches): Finding {
  const open = matches.decided.filter(isOpen);
  if (!mayLogIn(matches)) return warning("expired", "has an expired password, and no other way in");
  // As CockroachDB does of root.
  if (open.some((match) => asksPassword(match) && match.outcome === "succeeds"))
    return warning("expired", "has an expired password, which the server accepts of it all the same");
  const by = open.length === 0 ? "" : ` by ${placesOf(open)}`;
  return warning("expired", `has an expired password; it may still come${by}`);
}

function lockedOut({ decided, undecided }: Matches, without: boolean, unrecognised: boolean): Finding {
  const asked = [
    ...decided.filter(({ method }) => method !== "reject"),
    ...undecided.filter(({ candidates }) => candidates.some((line) => !isReject(line))),
  ];
  const why = asked.find(asksPassword) ?? asked[0];
  if (why === undefined) return error("no-rule", "cannot log in: no rule lets it in");
  if (unrecognised) return error("hash-unknown", `cannot log in: ${UNRECOGNISED}`);
  const message = `cannot log in: ${why.reason}`;
  return without && mayAskPassword(why) ? error("no-password", message) : error("cannot-log-in", message);
}

function isReject(line: EffectiveLine): boolean {
  return line.kind === "rule" && line.entry.method.value === "reject";
}

function withoutPassword({ decided, undecided }: Matches): Finding {
  const sure = [...decided, ...undecided].filter(({ outcome }) => outcome === "succeeds");
  if (sure.length > 0) {
    const how = sure.every(({ asks }) => asks === "certificate") ? "with a certificate only" : "without one";
    return info("no-password", `has no password; it comes ${how}`);
  }
  const places = placesOf(decided.filter(isOpen));
  const whether = places === "" ? "" : `; whether ${places} lets it in is not known here`;
  return info("no-password", `has no password${whether}`);
}

/** Where the user surely gets in somewhere, it does not matter what else may be open. */
function notKnown({ decided, undecided }: Matches): Finding[] {
  const sure = [...decided, ...undecided].some(({ outcome }) => outcome === "succeeds");
  const byPassword = decided.some((match) => isOpen(match) && asksPassword(match));
  const [first] = undecided.filter(isOpen);
  return sure || byPassword || first === undefined
    ? []
    : [info("rules-unknown", `may come in or not: ${first.reason}`)];
}
