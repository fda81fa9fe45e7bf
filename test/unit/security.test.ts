import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../..");

/** The last cell of each row of the table of attacks. */
function testsNamed(): string[] {
  const [, section = ""] = readFileSync(join(repository, "SECURITY.md"), "utf8").split("## The attacks");
  const rows =
    section
      .split("\n## ")[0]
      ?.split("\n")
      .filter((line) => line.startsWith("| ")) ?? [];
  return rows.slice(1).flatMap((row) => row.split(" | ").at(-1)?.replace(/ \|$/, "").split(", ") ?? []);
}

it("each attack in SECURITY.md names tests that there are", () => {
  const tests = testsNamed();
  expect(tests.length).toBeGreaterThan(20);
  const missing = tests.filter(
    (name) => !["", ".test.ts"].some((ending) => existsSync(join(repository, "test", name + ending))),
  );
  expect(missing).toEqual([]);
});
