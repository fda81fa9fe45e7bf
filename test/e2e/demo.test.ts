import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";

const demo = resolve(import.meta.dirname, "../../tools/demo/main.mts");

/** Runs the demo in a temporary folder of its own, so that what it leaves there can be told. */
async function runDemo(signalAfter?: string) {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-scram-demo-"));
  // PostgreSQL, as another user than root, has to get to what is in it.
  chmodSync(folder, 0o711);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const child = spawn("node", [demo], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (signalAfter !== undefined && output.includes(signalAfter)) child.kill("SIGINT");
    });
  }
  const code = await new Promise((done) => child.once("close", done));
  return { code, output, left: readdirSync(folder) };
}

it("the demo tells its story to the end and leaves nothing behind", async () => {
  const { code, output, left } = await runDemo();

  expect(output).toMatch(/~ generation\s*: 1 => 2/);
  expect(output).toContain(
    'Login as app with the old password: password authentication failed for user "app".',
  );
  expect(output).toContain("Done. Neither password is in the server's log");
  expect({ code, left }).toEqual({ code: 0, left: [] });
});

it.each(["Starting a real PostgreSQL", "Do it."])(
  "interrupted at '%s' it cleans up and ends with 130",
  async (moment) => {
    const { code, output, left } = await runDemo(moment);

    expect(output).toContain("Interrupted; cleaning up.");
    expect(output).not.toMatch(/^\s+at /m);
    expect({ code, left }).toEqual({ code: 130, left: [] });
  },
);
