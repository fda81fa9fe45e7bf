import { execFile, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import * as tables from "../../../src/scram/saslprep-tables";

const hasPython = spawnSync("python3", ["--version"]).status === 0;

it.skipIf(!hasPython)("the tables are what the generator writes", { timeout: 60_000 }, async () => {
  const generated = await promisify(execFile)("python3", ["tools/saslprep-tables/generate.py"]);
  expect(generated.stdout).toBe(await readFile("src/scram/saslprep-tables.ts", "utf8"));
});

it.each(Object.entries(tables))("%s is made of ascending, separate ranges", (_, ranges) => {
  expect(ranges.length % 2).toBe(0);
  const outOfOrder = ranges.filter((end, i) => i > 0 && end < (ranges[i - 1] ?? 0) + (i % 2 === 0 ? 2 : 0));
  expect(outOfOrder).toEqual([]);
});
