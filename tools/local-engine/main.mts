import "./compile-cache.mts";
import { paint } from "./display/colour.mts";
import { FAILED, UserError } from "./user-error.mts";

// An exit, unlike the signal itself, gives the child processes their end.
for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(FAILED));

try {
  // Imported only now, so that it comes out of the cache that has just been enabled.
  const { run } = await import("./command-line.mts");
  await run(process.argv.slice(2));
  await exit(0);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(`${paint("red", "error:")} ${error.message}`);
  await exit(error.exitCode);
}

/** A pipe holds 64 KB; of more, an exit would lose what its reader has not fetched yet. */
async function exit(code: number): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((flushed) => void stream.write("", () => flushed()));
  process.exit(code);
}
