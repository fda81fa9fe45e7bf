import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { removeFolder, temporaryFolder } from "../../../tools/temporary-folder.mts";

describe("the first temporary folder that a process makes: what it finds beside it", () => {
  const [dead, living] = [spawnSync(process.execPath, ["--version"]).pid, process.ppid];

  it.each([
    ["of a process that is gone, is removed", { pid: dead }, false],
    ["of a process that runs, stays", { pid: living }, true],
    ["of a process of another machine or container, stays", { pid: dead, place: "elsewhere" }, true],
    ["of who knows whom, stays", undefined, true],
    ["of nobody that can be read, stays", { pid: "?" }, true],
  ])("%s", (_what, owner, stays) => {
    const parent = temporaryFolder("parent");
    onTestFinished(() => removeFolder(parent));
    const own = JSON.parse(readFileSync(join(parent, "owner.json"), "utf8"));
    const other = join(parent, "pulumi-scram-project-x");
    mkdirSync(join(other, "inside"), { recursive: true });
    if (owner) writeFileSync(join(other, "owner.json"), JSON.stringify({ ...own, ...owner }));

    const folder = temporaryFolder("project", parent);

    expect(existsSync(folder)).toBe(true);
    expect(existsSync(other)).toBe(stays);
  });
});

/** What goes wrong only on some machines, or only now and then, if it is not done as here. */
const ONE_PLACE = [
  ["a temporary folder is made", /\btmpdir\b/, ["tools/temporary-folder.mts", "tools/postgres/cluster.mts"]],
  ["a value is given to `pulumi config set`", /"config", "set"/, ["tools/engine/config-set.mts"]],
] as const;

it.each(ONE_PLACE)("%s in one place", (_what, pattern, places) => {
  const repository = resolve(import.meta.dirname, "../../..");
  const files = ["test", "tools"].flatMap((folder) =>
    readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" }).map((name) =>
      join(folder, name),
    ),
  );
  const found = files
    .filter((file) => /\.m?ts$/.test(file) && file !== "test/unit/tools/temporary-folder.test.ts")
    // These are about how the stand-in reads its arguments.
    .filter((file) => !file.startsWith("test/e2e/local-engine/"))
    .filter((file) => pattern.test(readFileSync(join(repository, file), "utf8")));

  expect(found.sort()).toEqual([...places].sort());
});
