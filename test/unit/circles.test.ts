import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";

const src = resolve(import.meta.dirname, "../../src");

/** Files by the files of ours that they import, types too: whoever reads one has to read those. */
function imports(): Map<string, string[]> {
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  return new Map(
    files.map((file) => {
      const path = join(src, file);
      const names = ts
        .preProcessFile(readFileSync(path, "utf8"))
        .importedFiles.map(({ fileName }) => fileName);
      return [
        path,
        names.filter((name) => name.startsWith(".")).map((name) => fileFor(resolve(path, "..", name))),
      ];
    }),
  );
}

function fileFor(module: string): string {
  return existsSync(`${module}.ts`) ? `${module}.ts` : join(module, "index.ts");
}

/** Each as the files on the way, the first again at its end. */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file]);
    else if (!done.has(file)) for (const next of graph.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return circles;
}

it("no file imports one that imports it, directly or not", () => {
  const circles = circlesIn(imports()).map((circle) =>
    circle.map((file) => file.slice(src.length + 1)).join(" -> "),
  );
  expect(circles).toEqual([]);
});

it("a circle is found", () => {
  expect(
    circlesIn(
      new Map([
        ["a", ["b"]],
        ["b", ["c"]],
        ["c", ["b"]],
      ]),
    ),
  ).toEqual([["b", "c", "b"]]);
});
