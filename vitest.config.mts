import { join } from "node:path";
import { defineConfig } from "vitest/config";

// npm, which tests run, would leave its cache of compiled modules in the temporary folder.
process.env.NODE_COMPILE_CACHE = join(import.meta.dirname, "node_modules/.cache/node");

export default defineConfig({
  test: {
    // A worker waits for servers and other processes a third of its time, whatever it tests: three keep two cores busy.
    maxWorkers: 3,
    projects: [
      // A bound for what hangs: on a busy machine a property of 300 runs has taken more than the default of 5 seconds.
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 60_000 } },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          globalSetup: "test/support/postgres-server.ts",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/pulumi-cli.ts", "test/support/postgres-server.ts"],
          // A dozen commands of the CLI, on a machine that may have other work: most take a quarter of it.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
