import type { LoginRole } from "../../database/access";
import type { Database, Product } from "../../database/database";
import { ScramError } from "../../scram/error";
import { connector, requireProduct } from "../connection";
import { connectionFailure } from "../connection-rule";
import { textOf } from "../hba/check";
import { isMistake, withoutStacks } from "../mistake";
import { isSameName } from "../names";
import {
  type CheckFailure,
  compact,
  hasUnknown,
  type Json,
  type Props,
  type Provider,
  secret,
  warn,
  warnOnce,
} from "../wire";
import { MEANING, outOfOrder, PHASES, type Phase } from "./phases";
import { rulesToLeaveOut } from "./rules";

const ID = "isolation";

/**
 * The gate of `StrictIsolation`: which phase is reached, and what keeps the next from beginning. Settings, users and rules are
 * other resources; what of them it judges it does not record.
 */
export function isolationProvider(): Provider {
  const { configure, open, judged } = connector();
  return withoutStacks({
    configure,

    check: judged(async (olds, news) => {
      const { __provider, name, rules, text, users, force, ...args } = news;
      const failures = [...wrongArguments(args, force)];
      if (failures.length > 0) return { inputs: {}, failures };
      const { product, phase, connection } = args;
      const inputs = compact({
        product,
        phase,
        force: force === true ? true : undefined,
        connection: secret(connection),
      });
      if (hasUnknown(phase) || hasUnknown(product)) return { inputs };

      const reached = olds.phase as Phase | undefined;
      const found = [
        orderFailure(phase as Phase, reached, force === true),
        ...rulesFailures(compact({ rules, text }), product as Product),
        ...(phase !== reached && phase === 2
          ? [await stragglersNow(args, usersIn(users), force === true, open)]
          : []),
      ].filter((reason) => reason !== undefined);
      if (found.length > 0)
        return { inputs: {}, failures: found.map((reason) => ({ property: "", reason })) };
      if (phase !== reached) tell(String(name), phase as Phase);
      return { inputs };
    }),

    async diff() {
      return {};
    },

    async create(inputs) {
      await refuseStragglers(inputs, open);
      return { id: ID, outs: inputs };
    },

    async read(id, props) {
      return { id, props, inputs: props };
    },

    async update(_id, _olds, news) {
      await refuseStragglers(news, open);
      return { outs: news };
    },

    async delete() {},
  });
}

function* wrongArguments(
  { product, phase, connection, ...unknown }: Props,
  force: Json | undefined,
): Generator<CheckFailure> {
  const refused = connectionFailure(connection);
  if (refused !== undefined) yield { property: "", reason: refused };
  if (!["cockroachdb", "postgresql"].includes(String(product)) && !hasUnknown(product))
    yield { property: "", reason: "product must be cockroachdb or postgresql" };
  if (!PHASES.some((known) => known === phase) && !hasUnknown(phase))
    yield { property: "", reason: "phase must be 1, 2 or 3" };
  if (force !== undefined && typeof force !== "boolean" && !hasUnknown(force))
    yield { property: "", reason: "force must be true or false" };
  for (const key of Object.keys(unknown)) yield { property: "", reason: `${key} is not an argument` };
}

function orderFailure(phase: Phase, reached: Phase | undefined, force: boolean): string | undefined {
  const reason = outOfOrder(phase, reached);
  if (reason === undefined || !force) return reason && `${reason}; \`force: true\` does it all the same`;
  warn(`${reason}; forced`);
  return undefined;
}

function rulesFailures(args: Props, product: Product): string[] {
  if (hasUnknown(args.rules) || hasUnknown(args.text)) return [];
  const text = textOf(args, product);
  return typeof text === "string" ? [...rulesToLeaveOut(text, product)] : [text.reason];
}

function usersIn(users: Json | undefined): readonly string[] {
  return Array.isArray(users) ? users.map(String) : [];
}

/** In a preview, as far as the server answers: those that this very `up` deploys are on their way. */
async function stragglersNow(
  { product, connection }: Props,
  users: readonly string[],
  force: boolean,
  open: (connection: Json | undefined) => Promise<Database>,
): Promise<string | undefined> {
  if (hasUnknown(connection)) return undefined;
  try {
    const database = await open(connection);
    requireProduct(database, product as Product, "strict isolation");
    const left = (await stragglers(database)).filter(
      (name) => !users.some((user) => isSameName(product as Product, user, name)),
    );
    if (left.length === 0) return undefined;
    if (!force) return `${sentenceOf(left, database.server)}; \`force: true\` leaves them behind`;
    warn(`${sentenceOf(left, database.server)}; they are left behind`);
    return undefined;
  } catch (error) {
    if (!isMistake(error)) throw error;
    warnOnce(`who has no SCRAM verifier yet could not be found out: ${error.message}`);
    return undefined;
  }
}

/** The rules come next; in phase 3 they are there. What is forced was told in the preview. */
async function refuseStragglers(
  { product, phase, connection, force }: Props,
  open: (connection: Json | undefined) => Promise<Database>,
): Promise<void> {
  if (phase !== 2 || force === true) return;
  const database = await open(connection);
  requireProduct(database, product as Product, "strict isolation");
  const left = await stragglers(database);
  if (left.length > 0) throw new ScramError("stragglers", sentenceOf(left, database.server));
}

function sentenceOf(names: readonly string[], server: string): string {
  const listed = names.slice(0, MOST).map((name) => `"${name}"`);
  const more = names.length > MOST ? ` and ${names.length - MOST} more` : "";
  return `${names.length === 1 ? "a user" : `${names.length} users`} of ${server} would be locked out, having no SCRAM verifier: ${listed.join(", ")}${more}; declare them among the users, or disable or drop them`;
}

const MOST = 20;

/** Who may log in, and has another hash than SCRAM's. Whoever has no password comes in some other way, or not at all. */
async function stragglers(database: Database): Promise<string[]> {
  const { roles, hashesReadable } = await database.hba.facts();
  if (!hashesReadable) {
    throw new ScramError(
      "hashes-hidden",
      `the administrator may not read password hashes on ${database.server}, so that nobody can tell who has no SCRAM verifier yet`,
      { hint: "that takes a superuser on PostgreSQL, an admin on CockroachDB" },
    );
  }
  return roles.filter(isLeftBehind).map(({ name }) => name);
}

function isLeftBehind({ login, storedHash: { kind } }: LoginRole): boolean {
  return login && kind !== "scram-sha-256" && kind !== "none";
}

function tell(name: string, phase: Phase): void {
  const { does, remains } = MEANING[phase];
  warn(`${name}: strict isolation, phase ${phase} of 3 (${does}); what remains: ${remains}`);
}
