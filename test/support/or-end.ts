import { UserError } from "../../tools/user-error.mts";

/** What a run of tests cannot do without. Ends it with the sentence alone: vitest would put around it that it found no tests. */
export async function orEnd<T>(needed: Promise<T>): Promise<T> {
  try {
    return await needed;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(`No test was run: ${error.message}.`);
    process.exit(1);
  }
}
