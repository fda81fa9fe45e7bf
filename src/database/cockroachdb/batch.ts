import type pg from "pg";
import { notStored } from "../contract/role";
import { batched } from "../session/batched";
import { isOwnFault } from "../session/errors";
import type { Operation } from "../session/operation";
import type { Session } from "../session/session";
import { readStoredHashes, rereadStoredHashes } from "./stored-hash";
import { refuseUnlessVerifiersAreStored } from "./verifier-storage";

interface Change {
  readonly verb: "create" | "alter" | "drop";
  readonly name: string;
  readonly statements: readonly string[];
  readonly verifier: string | null | undefined;
}

type Write = (
  verb: "create" | "alter" | "drop",
  name: string,
  statements: readonly string[],
  verifier?: string | null,
) => Promise<void>;

/** How long the first of a batch waits for others: little beside what the cluster takes for a schema change. */
const GATHER_MS = 20;

/**
 * Changes roles, all that arrive at one time in one transaction, one transaction after the other: the cluster waits for a
 * schema change at the end of each, and those of several sessions get in each other's way (CockroachDB documentation, CREATE USER).
 */
export function roleWriter(session: Session): Write {
  const write = batched<Change, void>((changes) => writeAll(session, changes), GATHER_MS);
  return async (verb, name, statements, verifier) => {
    if (statements.length > 0) await write({ verb, name, statements, verifier });
  };
}

const DONE = { status: "fulfilled", value: undefined } as const;

/** When one of them fails by its own fault, those before it and those after it are written without it. */
async function writeAll(
  session: Session,
  changes: readonly Change[],
): Promise<readonly PromiseSettledResult<void>[]> {
  if (changes.length === 0) return [];
  const progress: Progress = { at: undefined };
  try {
    await write(session, changes, progress);
    return changes.map(() => DONE);
  } catch (error) {
    const failed = { status: "rejected", reason: error } as const;
    if (changes.length === 1 || !isOwnFault(error)) return changes.map(() => failed);
    const { at } = progress;
    if (at !== undefined) {
      const before = await writeAll(session, changes.slice(0, at));
      return [...before, failed, ...(await writeAll(session, changes.slice(at + 1)))];
    }
    // COMMIT itself was refused, and the refusal does not name the role.
    const middle = Math.ceil(changes.length / 2);
    const first = await writeAll(session, changes.slice(0, middle));
    return [...first, ...(await writeAll(session, changes.slice(middle)))];
  }
}

/** Which of the changes is being written. */
interface Progress {
  at: number | undefined;
}

async function write(session: Session, changes: readonly Change[], progress: Progress): Promise<void> {
  const operation = (): Operation => {
    const { at } = progress;
    const { verb, name } = changes[at ?? 0] as Change;
    return { kind: verb, role: name, others: at === undefined ? changes.length - 1 : 0 };
  };
  const sent = changes.filter(({ verifier }) => verifier !== undefined);
  await session.transaction(operation, async (client) => {
    progress.at = undefined;
    if (sent.some(({ verifier }) => verifier !== null)) await refuseUnlessVerifiersAreStored(client);
    const readable = sent.length > 0 && (await readStoredHashes(client, [])) !== undefined;
    for (const [i, { statements }] of changes.entries()) {
      progress.at = i;
      for (const statement of statements) await client.query(statement);
    }
    if (readable) await compare(client, changes, progress);
    progress.at = undefined;
  });
}

/** Reads back inside the transaction, so that a verifier the server did not take as one is rolled back. */
async function compare(client: pg.ClientBase, changes: readonly Change[], progress: Progress): Promise<void> {
  const stored = await rereadStoredHashes(
    client,
    changes.map(({ name }) => name),
  );
  for (const [i, { name, verifier }] of changes.entries()) {
    progress.at = i;
    if (verifier !== undefined && (stored.get(name) ?? null) !== verifier) throw notStored(name);
  }
}
