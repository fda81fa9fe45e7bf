import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

it("docs/architecture.md says of every folder of src/ what it is for, and of no other", () => {
  const page = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const [, section = ""] = page.split("## Folders");
  const named = [...(section.split("\n## ")[0] ?? "").matchAll(/^\| `([\w/-]+)` \|/gm)].map(
    ([, name]) => name,
  );
  const folders = readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(join(root, "src"), entry.parentPath));
  expect(named.sort()).toEqual([...new Set(folders)].filter((folder) => folder !== "").sort());
});
