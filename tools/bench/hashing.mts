import { randomBytes } from "node:crypto";
import { deriveVerifier } from "pulumi-scram/scram";
import { timed } from "./lifecycle.mts";
import { row, text, title, whole } from "./print.mts";

/** Each takes about a second. */
const CASES = [
  { iterations: 4_096, verifiers: 1_000 },
  { iterations: 10_610, verifiers: 400 },
  { iterations: 100_000, verifiers: 40 },
] as const;

/** How fast verifiers are made, all cores at work. */
export async function benchHashing(interrupted: AbortSignal): Promise<void> {
  title("Hashing alone");
  text("Verifiers a second, all asked for at once (Node hashes on 4 threads unless told otherwise).");
  row("iterations", ["a second"]);
  for (const { iterations, verifiers } of CASES) {
    interrupted.throwIfAborted();
    const [ms] = await timed(() =>
      Promise.all(
        Array.from({ length: verifiers }, (_, i) =>
          deriveVerifier(`password ${i}`, { salt: randomBytes(16), iterations }),
        ),
      ),
    );
    row(whole(iterations), [whole(Math.round((verifiers * 1000) / ms))]);
  }
}
