import { limit } from "../../src/database/session/limit";
import { PartialFailure } from "../../src/provider/protocol/wire";
import { UserError } from "../../src/scram";
import { FAKE_PASSWORD, FakeServer, type FakeServerOptions } from "./fake-server";
import type { Operation } from "./operations";

/** What was tried with a wrong answer, and what is wrong with what came of it. */
interface Attempt {
  readonly name: string;
  readonly server: FakeServerOptions;
  readonly operation: Operation;
}

/** Some is waited for: a time that is over, a pause before another try. More at a time, and what is busy would be too late. */
const AT_A_TIME = 8;

const CONNECTION = "sslmode=prefer&connect_timeout=1";

/**
 * Does everything, each with a server of its own, and throws one error that lists what is wrong with it.
 *
 * @returns how often it came to what: a code, or `"well"`
 */
export async function tryAll(
  attempts: readonly Attempt[],
  { parameters = "", atATime = AT_A_TIME } = {},
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const broken: string[] = [];
  const inTurn = limit(atATime);
  await Promise.all(
    attempts.map(({ name, server: options, operation }) =>
      inTurn(async () => {
        const server = await FakeServer.start(options);
        const said = await operation(server.url(`${CONNECTION}${parameters}`)).catch(told);
        server.stop();
        const problem = problemIn(said) ?? leakIn(server.heard);
        if (problem !== undefined) broken.push(`${name}: ${problem}`);
        const outcome =
          said === undefined ? "well" : (/\[(\w+)\]$/.exec(said)?.[1] ?? said.replaceAll(/\d+/g, "…"));
        counts[outcome] = (counts[outcome] ?? 0) + 1;
      }),
    ),
  );
  if (broken.length > 0) throw new Error(`${broken.length} of ${attempts.length}:\n${broken.join("\n")}`);
  return counts;
}

/** What the user of a provider reads. */
export function told(error: unknown): string {
  if (error instanceof PartialFailure) return error.reasons.join("; ");
  if (error instanceof UserError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function problemIn(said: string | undefined): string | undefined {
  if (said === undefined) return undefined;
  if (/\n|^\w*Error\b|\bat .*:\d+:\d+/.test(said)) return `no sentence: ${said}`;
  return said.includes(FAKE_PASSWORD) || said.includes("SCRAM-SHA-256$") ? `a secret in: ${said}` : undefined;
}

function leakIn(heard: string): string | undefined {
  return heard.includes(FAKE_PASSWORD) ? "the password was sent" : undefined;
}
