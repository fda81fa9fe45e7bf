/**
 * `npm run test:versions`: the integration tests on each older PostgreSQL, or on those named; with `--quick`, without what takes
 * minutes and does not depend on the version.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { UserError } from "../user-error.mts";
import { ASKED, downloadOlder, OLDER_VERSIONS } from "./older-versions.mts";

/** Our own stand-ins, other clients, and servers cut off at every message. */
const NOT_QUICK = [
  "{cockroachdb-stand-in,hostile-server,interoperability,support,tools}/**",
  "**/{fault-injection,hba-killed}.test.ts",
].map((pattern) => `--exclude=test/integration/${pattern}`);

try {
  const { values, positionals } = parseArgs({
    options: { quick: { type: "boolean" } },
    allowPositionals: true,
  });
  const failed = (positionals.length > 0 ? positionals : OLDER_VERSIONS).filter(
    (major) => !passes(major, values.quick ? NOT_QUICK : []),
  );
  if (failed.length > 0) throw new UserError(`the tests fail on PostgreSQL ${failed.join(", ")}`);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function passes(major: string, flags: readonly string[]): boolean {
  downloadOlder(major);
  console.log(`\nPostgreSQL ${major}`);
  const vitest = join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");
  const { status } = spawnSync(process.execPath, [vitest, "run", "--project", "integration", ...flags], {
    stdio: "inherit",
    env: { ...process.env, [ASKED]: major },
  });
  return status === 0;
}
