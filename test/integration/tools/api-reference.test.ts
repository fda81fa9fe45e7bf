import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

it("npm run docs makes a reference of all that a program can name, without a warning", () => {
  const program = "node_modules/typedoc/bin/typedoc";
  const said = execFileSync(process.execPath, [program, "--logLevel", "Warn", "--emit", "none"], {
    encoding: "utf8",
  });
  expect(said).toBe("");
}, 60_000);
