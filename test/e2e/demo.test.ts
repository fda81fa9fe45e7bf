import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { removeFolder, temporaryFolder } from "../../tools/temporary-folder.mts";

const demo = resolve(import.meta.dirname, "../../tools/demo/main.mts");

/** A temporary folder of the demo's own, so that what it leaves there can be told. */
function emptyFolder(): string {
  const folder = temporaryFolder("demo");
  onTestFinished(() => removeFolder(folder));
  const inner = join(folder, "tmp");
  mkdirSync(inner);
  // PostgreSQL, as another user than root, has to get to what is in it.
  for (const each of [folder, inner]) chmodSync(each, 0o711);
  return inner;
}

async function runDemo(TMPDIR: string, signalAfter?: string) {
  const child = spawn("node", [demo], { env: { ...process.env, TMPDIR }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (signalAfter !== undefined && output.includes(signalAfter)) child.kill("SIGINT");
    });
  }
  const code = await new Promise((done) => child.once("close", done));
  expect(output).not.toMatch(/^\s+at /m);
  return { code, output };
}

it("the demo tells its story to the end and leaves nothing behind", async () => {
  const folder = emptyFolder();
  const { code, output } = await runDemo(folder);

  expect(output).toMatch(/~ generation\s*: 1 => 2/);
  expect(output).toContain(
    'Login as app with the old password: password authentication failed for user "app".',
  );
  expect(output).toContain("Done. Neither password is in the server's log");
  expect({ code, left: readdirSync(folder) }).toEqual({ code: 0, left: [] });
});

it.each(["Starting a real PostgreSQL", "Do it."])(
  "interrupted at '%s' it cleans up and ends with 130",
  async (moment) => {
    const folder = emptyFolder();
    const { code, output } = await runDemo(folder, moment);

    expect(output).toContain("Interrupted; cleaning up.");
    expect({ code, left: readdirSync(folder) }).toEqual({ code: 130, left: [] });
  },
);

it("with no folder to write to it says in one sentence what to do", async () => {
  const { code, output } = await runDemo(join(emptyFolder(), "missing"));

  expect(output).toMatch(/^The demo failed: .*: set TMPDIR to a folder that you may write to\.$/m);
  expect(code).toBe(1);
});
