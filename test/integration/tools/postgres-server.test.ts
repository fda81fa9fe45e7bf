import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { expect, it } from "vitest";

const server = resolve(import.meta.dirname, "../../../tools/postgres/server.mts");

it("a process that used the server ends with its own status, and nothing of the server is left", () => {
  const script = `
    const { startPostgres } = await import(${JSON.stringify(server)});
    const server = await startPostgres();
    console.log(server.logFile);
    await server.stop();
    process.exitCode = 3;
  `;
  const { status, stdout, stderr } = spawnSync("node", ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });

  expect({ status, stderr }).toEqual({ status: 3, stderr: "" });
  expect(existsSync(dirname(stdout.trim()))).toBe(false);
});
