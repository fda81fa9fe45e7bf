import { expect } from "vitest";
import { limit } from "../../src/database/session/limit";
import { type Cut, type Wire, wireTo } from "./wire";

/** An operation that may be interrupted anywhere, and what has to be true in the end. */
export interface Interruptible<Situation> {
  /** Where the operation starts from; made for each run anew, past the wire. */
  prepare(): Promise<Situation>;
  operate(situation: Situation, url: string): Promise<unknown>;
  /**
   * What the engine does after the operation has failed.
   * @default the operation again
   */
  rerun?(situation: Situation, url: string): Promise<unknown>;
  /** Fails unless what was declared holds. */
  verify(situation: Situation): Promise<void>;
}

export interface CutReport {
  /** Of the operation when nothing is cut. */
  readonly statements: readonly string[];
  readonly cuts: number;
  /** How many of the cuts the operation got over by itself. */
  readonly survived: number;
}

/** Cuts are mostly waited for: in retries. */
const AT_A_TIME = 24;

/**
 * Runs an operation whole to count its statements; then once for every statement, way and duration of a cut: before it
 * gets to the server or after it was carried out, this connection alone or the whole server until the operation is over.
 * When that fails, the engine's next run follows; either way the declared state holds in the end.
 *
 * @param server its administrator's URL
 */
export async function cutEverywhere<Situation>(
  server: string,
  operation: Interruptible<Situation>,
): Promise<CutReport> {
  const { statements } = await run(server, operation);
  expect(statements.length, "the operation goes through the wire").toBeGreaterThan(0);
  const cuts = statements.flatMap((_statement, i) =>
    (["before", "after"] as const).flatMap((when) =>
      [false, true].map((forGood): Cut => ({ at: i + 1, when, forGood })),
    ),
  );
  const inTurn = limit(AT_A_TIME);
  const outcomes = await Promise.all(cuts.map((cut) => inTurn(() => outcomeOf(server, operation, cut))));
  const broken = outcomes.flatMap(({ problem, cut: { at, when, forGood } }) =>
    problem === undefined
      ? []
      : [
          `cut ${forGood ? "for good" : "once"} ${when} statement ${at}, ${statements[Number(at) - 1]}: ${problem}`,
        ],
  );
  if (broken.length > 0) throw new Error(broken.join("\n"));
  return { statements, cuts: cuts.length, survived: outcomes.filter(({ survived }) => survived).length };
}

interface Outcome {
  readonly cut: Cut;
  readonly survived?: boolean;
  readonly problem?: string;
}

async function outcomeOf<Situation>(
  server: string,
  operation: Interruptible<Situation>,
  cut: Cut,
): Promise<Outcome> {
  try {
    const { wire, failed } = await run(server, operation, cut);
    expect(wire.cuts).toBe(1);
    return { cut, survived: !failed };
  } catch (error) {
    return { cut, problem: error instanceof Error ? error.message : String(error) };
  }
}

async function run<Situation>(
  server: string,
  { prepare, operate, rerun = operate, verify }: Interruptible<Situation>,
  cut?: Cut,
): Promise<{ readonly wire: Wire; readonly statements: readonly string[]; readonly failed: boolean }> {
  const wire = await wireTo(server);
  const url = nameOfItsOwn(wire.url);
  const situation = await prepare();
  if (cut !== undefined) wire.cut(cut);
  try {
    const failed = await operate(situation, url).then(
      () => false,
      (error) => {
        if (cut === undefined) throw error;
        return true;
      },
    );
    const statements = [...wire.statements];
    wire.heal();
    if (failed) await rerun(situation, url);
    await verify(situation);
    return { wire, statements, failed };
  } finally {
    wire.close();
  }
}

let runs = 0;

/** Ports come back, and a process keeps what it knows of a server by its URL. */
function nameOfItsOwn(wire: string): string {
  const url = new URL(wire);
  url.searchParams.set("application_name", `run ${runs++}`);
  return url.href;
}
