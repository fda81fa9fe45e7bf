import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { chooseEngine } from "../../../tools/engine/engine.mts";
import { removeFolder, temporaryFolder } from "../../../tools/temporary-folder.mts";

/** A folder for PATH with a `pulumi` of this content and what goes with it. In a temporary folder, programs may perhaps not be run. */
function folderWith(pulumi: string | Buffer, mode = 0o755, ...others: string[]): string {
  const cache = resolve(import.meta.dirname, "../../../node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = temporaryFolder("pulumi", cache);
  onTestFinished(() => removeFolder(folder));
  for (const name of ["pulumi", ...others]) writeFileSync(join(folder, name), pulumi, { mode });
  return folder;
}

const shell = (...commands: string[]) => ["#!/bin/sh", ...commands, ""].join("\n");

/** A program for a processor that is none of ours. */
const FOREIGN = Buffer.from("7f454c4602010100000000000000000002000000", "hex");

describe("the Pulumi CLI on PATH", () => {
  const STARTS = shell('[ "$1" = version ]');

  it("is used if it tells its version and has its host of Node programs", async () => {
    const path = folderWith(STARTS, 0o755, "pulumi-language-nodejs");

    expect(await chooseEngine({ PATH: path })).toMatchObject({ name: "pulumi", command: "pulumi" });
  });

  it("is not used without that host", async () => {
    const { name, choice } = await chooseEngine({ PATH: folderWith(STARTS) });

    expect(name).toBe("local-engine");
    expect(choice).toContain("The Pulumi CLI on PATH lacks its pulumi-language-nodejs: a small stand-in");
  });

  it.each([
    ["is not executable", shell("exit 0"), 0o644, "EACCES)"],
    ["is for another processor", FOREIGN, 0o755, "ended with "],
    ["fails", shell("exit 1"), 0o755, "ended with 1)"],
    ["crashes", shell("kill -SEGV $$"), 0o755, "ended with SIGSEGV)"],
  ])("is not used if it %s", async (_what, pulumi, mode, trouble) => {
    const { name, choice } = await chooseEngine({ PATH: folderWith(pulumi, mode) });

    expect(name).toBe("local-engine");
    expect(choice).toContain(
      `There is no Pulumi CLI on PATH that can be used (\`pulumi version\`: ${trouble}`,
    );
    expect(choice).toContain("a small stand-in (tools/local-engine) drives the same SDK and provider");
  });

  it("is not used if it hangs, and then nothing of it goes on", async () => {
    const path = folderWith(shell('while :; do echo >> "$0.beats"; sleep 0.02; done & wait'));
    const { name, choice } = await chooseEngine({ PATH: `${path}:/usr/bin:/bin` }, 0.5);
    const beats = () => existsSync(join(path, "pulumi.beats")) && statSync(join(path, "pulumi.beats")).size;
    const then = beats();
    await setTimeout(300);

    expect(name).toBe("local-engine");
    expect(choice).toContain("(`pulumi version`: no answer in 0.5 seconds)");
    expect(beats()).toBe(then);
  });

  it("is missed if there is none", async () => {
    const { name, choice } = await chooseEngine({ PATH: "/nowhere" });

    expect(name).toBe("local-engine");
    expect(choice).toMatch(/^There is no Pulumi CLI on PATH: /);
  });
});
