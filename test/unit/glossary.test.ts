import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

it("every file and folder that the glossary names is there", () => {
  const glossary = readFileSync(join(root, "docs/glossary.md"), "utf8");
  const paths = [...glossary.matchAll(/`([\w-]+(?:\/[\w-]+)+(?:\.ts)?)`/g)].map(([, path = ""]) => path);
  expect(paths.length).toBeGreaterThan(15);
  expect(
    paths.filter((path) => ![root, join(root, "src")].some((folder) => existsSync(join(folder, path)))),
  ).toEqual([]);
});
