import type { LoginRole } from "../../database/contract/access";
import type { Database, Product } from "../../database/contract/database";
import { userErrorIn } from "../../errors";
import { isSameServer, requireProduct } from "../connection/connection";
import { isSameName } from "../connection/names";
import { outOfOrder, type Phase } from "./phases";

/** What is to be. */
export interface Wanted {
  readonly product: Product;
  readonly phase: Phase;
  readonly force: boolean;
}

/** What is recorded; nothing of it at the beginning. */
export interface Reached {
  readonly phase?: Phase;
  /** The server that it was reached on. */
  readonly cluster?: string;
}

/** What the server tells. */
export interface Found {
  readonly database: Pick<Database, "product" | "server">;
  readonly cluster: string | null;
  /** Who may log in and has a password, as far as it was asked; `undefined` where the administrator may not read hashes. */
  readonly roles: readonly LoginRole[] | undefined;
}

export interface Judgement {
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
}

/** @param withRoles as far as they matter */
export async function lookAt(database: Database, withRoles: boolean): Promise<Found> {
  const cluster = await database.cluster();
  if (!withRoles) return { database, cluster, roles: [] };
  const { roles, hashesReadable } = await database.hba.facts();
  const withPassword = roles.filter(({ login, storedHash }) => login && storedHash.kind !== "none");
  return { database, cluster, roles: hashesReadable ? withPassword : undefined };
}

/**
 * What keeps a phase from beginning, or from going on after a change: the same in a preview and in the `up` after it.
 *
 * @param found `undefined` where the server does not answer
 * @param declared the users that this very `up` sees to
 */
export function judge(
  { product, phase, force }: Wanted,
  reached: Reached,
  found: Found | undefined,
  declared: readonly string[],
): Judgement {
  const wrong = found && userErrorIn(() => requireProduct(found.database, product, "strict isolation"));
  if (wrong !== undefined) return { refusals: [wrong], warnings: [] };
  const undeclared = found?.roles?.filter(
    ({ name }) => !declared.some((user) => isSameName(product, user, name)),
  );
  const obstacles = [
    orderProblem(phase, reached, found),
    ...(phase === 2 ? leftBehind(found, undeclared) : []),
  ]
    .filter((obstacle) => obstacle !== undefined)
    .map(({ reason, forcing, forced }) =>
      force ? `${reason}; ${forced}` : `${reason}; \`force: true\` ${forcing}`,
    );
  const warnings = phase === 3 ? notKnown(found, undeclared) : [];
  return force ? { refusals: [], warnings: [...obstacles, ...warnings] } : { refusals: obstacles, warnings };
}

/** What `force` is for. */
interface Obstacle {
  readonly reason: string;
  readonly forcing: string;
  readonly forced: string;
}

/** A phase is of one server: another one has its own rules, and its own memory of passwords. */
function orderProblem(phase: Phase, reached: Reached, found: Found | undefined): Obstacle | undefined {
  const isSame = found === undefined || isSameServer(reached.cluster, found.cluster);
  const reason = outOfOrder(phase, isSame ? reached.phase : undefined);
  if (reason === undefined) return undefined;
  const where = isSame
    ? ""
    : `${found.database.server} is not the server that phase ${reached.phase} was reached on, and begins with phase 1: `;
  return { reason: `${where}${reason}`, forcing: "does it all the same", forced: "forced" };
}

/** The rules come next. Whoever has no password comes in some other way, or not at all. */
function leftBehind(found: Found | undefined, undeclared: Found["roles"]): Obstacle[] {
  if (found === undefined) return [];
  const { server } = found.database;
  if (undeclared === undefined) {
    const reason = `the administrator may not read password hashes on ${server}, so that nobody can tell who has no SCRAM verifier yet (that takes a superuser on PostgreSQL, an admin on CockroachDB)`;
    return [{ reason, forcing: "goes on without that", forced: "forced" }];
  }
  const left = undeclared.filter(({ storedHash }) => storedHash.kind !== "scram-sha-256");
  if (left.length === 0) return [];
  const who = left.length === 1 ? "a user" : `${left.length} users`;
  const reason = `${who} of ${server} would be locked out, having no SCRAM verifier: ${listed(left)}; declare them among the users, or disable or drop them`;
  return [{ reason, forcing: "leaves them behind", forced: "they are left behind" }];
}

/** A verifier does not tell who made it. */
function notKnown(found: Found | undefined, undeclared: Found["roles"]): string[] {
  if (found === undefined || undeclared?.length === 0) return [];
  const { server } = found.database;
  return [
    undeclared === undefined
      ? `who else has a password on ${server} could not be found out: the administrator may not read password hashes`
      : `not declared here, so that whether the server has seen the password is not known here: ${listed(undeclared)} of ${server}`,
  ];
}

const MOST = 20;

function listed(roles: readonly LoginRole[]): string {
  const names = roles.slice(0, MOST).map(({ name }) => `"${name}"`);
  const more = roles.length > MOST ? ` and ${roles.length - MOST} more` : "";
  return `${names.join(", ")}${more}`;
}
