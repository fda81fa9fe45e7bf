import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const src = resolve(import.meta.dirname, "../../src");

/** What every layer may import of ours: how something is said to people. */
const COMMON = ["errors.ts", "printable.ts"];

/** What each layer may import of ours, besides itself (docs/architecture.md). */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "errors.ts": [],
  "printable.ts": [],
  scram: [],
  hba: ["scram"],
  database: ["scram", "hba"],
  provider: ["scram", "hba", "database", "audit"],
  resources: ["scram", "hba"],
  components: ["scram", "resources"],
  audit: ["scram", "hba", "database"],
  cli: ["scram", "hba", "database", "audit"],
  "index.ts": ["scram", "hba", "resources", "components"],
};

/** What comes from outside, and who may import it; a layer without I/O gets by name what it may have of Node. */
const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  scram: ["node:crypto", "node:buffer", "node:util"],
  hba: ["node:net", "node:buffer"],
  database: ["node:", "pg"],
  provider: ["node:crypto", "node:util", "diff"],
  resources: ["@pulumi/pulumi"],
  components: ["@pulumi/pulumi"],
  audit: [],
  cli: ["node:", "commander", "read", "string-width"],
};

/** `file` is a path under src/. */
function wrongImports(file: string, text: string): string[] {
  const layer = file.split(sep)[0] ?? "";
  return ts
    .preProcessFile(text)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((imported) => {
      if (!imported.startsWith(".")) {
        const allowed = OUTSIDE[layer] ?? [];
        return !allowed.some((name) => imported === name || (name === "node:" && imported.startsWith(name)));
      }
      const path = relative(src, resolve(src, file, "..", imported));
      const target = path.split(sep)[0] ?? "";
      return target !== layer && !COMMON.includes(`${path}.ts`) && !MAY_IMPORT[layer]?.includes(target);
    })
    .map((imported) => `${file} imports ${imported}`);
}

describe("imports point one way", () => {
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );

  it("every layer has its rule", () => {
    expect(Object.keys(MAY_IMPORT)).toEqual(expect.arrayContaining(readdirSync(src)));
  });

  it("and every file keeps to it", () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((file) => wrongImports(file, readFileSync(join(src, file), "utf8")))).toEqual([]);
  });

  it.each([
    ["scram/verifier.ts", `import { openDatabase } from "../database/open";`],
    ["database/retry.ts", `export { user } from "../provider/index";`],
    ["provider/user/user.ts", `import type { ScramUserArgs } from "../../resources/scram-user";`],
    ["resources/scram-user.ts", `import type { Database } from "../database/database";`],
    ["resources/scram-user.ts", `const { user } = await import("../provider/index");`],
    ["provider/wire.ts", `import * as pulumi from "@pulumi/pulumi";`],
    ["scram/verifier.ts", `import pg from "pg";`],
    ["scram/verifier.ts", `import { readFileSync } from "node:fs";`],
    ["resources/scram-user.ts", `import { user } from "pulumi-scram/provider";`],
    ["provider/wire.ts", `import { isUnknown } from "@pulumi/pulumi/runtime";`],
    ["provider/user/user.ts", `import Client from "pg/lib/client";`],
  ])("an arrow reversed is found: %s: %s", (file, text) => {
    expect(wrongImports(file, text)).toHaveLength(1);
  });
});
