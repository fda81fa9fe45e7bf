import type { Profile } from "../profile";
import { normaliseName } from "../roles/names";
import { contains, type Range } from "./address";
import { type HbaEntry, parseHba } from "./parse";

/** An entry as the server runs it: for one user or all, whatever the database (facts 1.5). */
export interface Rule {
  readonly type: HbaEntry["type"];
  /** `undefined` for everybody. */
  readonly user: string | undefined;
  readonly address: "all" | Range;
  readonly method: string;
  readonly options: HbaEntry["options"];
}

export interface Login {
  readonly user: string;
  readonly type: "local" | "hostssl" | "hostnossl";
  readonly address: string;
}

const ROOT = "host all root all cert-password";
const LOOPBACK = "loopback all all all trust";
const DEFAULT_REST = "host all all all cert-password\nlocal all all password";

/** The rules in force, for the setting's text. */
export function rulesInForce(text: string, profile: Profile): readonly Rule[] {
  const expand = (hba: string) => parseHba(hba, profile).flatMap(expandUsers);
  const [root, loopback] = [expand(ROOT), profile.loopbackRule ? expand(LOOPBACK) : []];
  if (text === "") return [...root, ...loopback, ...expand(DEFAULT_REST)];
  const [first] = parseHba(text, profile);
  const rules = expand(text);
  return [...loopback, ...(first !== undefined && isRootRule(first, profile) ? [] : root), ...rules];
}

/** Facts 1.7: the first that matches on type, address and user. */
export function findRule(rules: readonly Rule[], { user, type, address }: Login): Rule | undefined {
  return rules.find(
    (rule) =>
      (rule.type === type || (rule.type === "host" && type !== "local")) &&
      (rule.user === undefined || rule.user === user) &&
      (type === "local" || rule.address === "all" || contains(rule.address, address)),
  );
}

/** An unquoted `all` matches everybody; other names are folded, quoted or not. */
export function expandUsers(entry: HbaEntry): Rule[] {
  const { type, options, method } = entry;
  // SET lets no host name in.
  const address = entry.address === undefined || isHost(entry.address) ? "all" : entry.address;
  const everybody = entry.users.some(({ value, quoted }) => value === "all" && !quoted);
  const users = everybody ? [undefined] : entry.users.map(({ value }) => normaliseName(value));
  return users.map((user) => ({ type, user, address, method: method.value, options }));
}

/** Structural equality with the mandatory rule; only the first of the expanded entries counts, hence only the first user. */
function isRootRule({ type, users, address, byMask, method, options }: HbaEntry, profile: Profile): boolean {
  const [user] = users;
  const loopbackOnly =
    profile.loopbackRootRule &&
    typeof address === "object" &&
    !isHost(address) &&
    byMask === undefined &&
    address.bits === 32 &&
    address.network.equals(Buffer.from([127, 0, 0, 1]));
  return (
    type === "host" &&
    user?.value === "root" &&
    !user.quoted &&
    !users.some(({ value, quoted }) => value === "all" && !quoted) &&
    (address === "all" || loopbackOnly) &&
    method.value === "cert-password" &&
    !method.quoted &&
    options.length === 0
  );
}

function isHost(address: NonNullable<HbaEntry["address"]>): address is { readonly host: string } {
  return typeof address === "object" && "host" in address;
}
