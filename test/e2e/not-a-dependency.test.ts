import { mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { Stack } from "../support/stack";

const repository = resolve(import.meta.dirname, "../..");

/** As pnpm installs what is a dependency of a dependency only, and as a program finds it that is run from another folder. */
it("a program that has the package from elsewhere is told where it must be", async () => {
  const stack = await Stack.create(`
    const { ScramUser } = require(${JSON.stringify(repository)});
    new ScramUser("app", { password: "Canary-pw" });
  `);
  const modules = join(stack.project.folder, "node_modules");
  rmSync(modules);
  mkdirSync(modules);
  for (const name of readdirSync(join(repository, "node_modules"))) {
    if (name !== "pulumi-scram") symlinkSync(join(repository, "node_modules", name), join(modules, name));
  }

  const failed = await stack.fail(["preview"], {});

  expect(failed).toContain("make it a dependency in the package.json there, and install it");
  expect(failed).not.toContain("Require stack");
});
