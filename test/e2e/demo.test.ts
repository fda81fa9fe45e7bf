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

async function runDemo(
  TMPDIR: string,
  { signalAfter, args = [] }: { signalAfter?: string; args?: readonly string[] } = {},
) {
  const child = spawn("node", [demo, ...args], {
    env: { ...process.env, TMPDIR },
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
  expect(output).toMatch(/^# Done, on the .*\. Neither password is in the server's log/m);
  expect({ code, left: readdirSync(folder) }).toEqual({ code: 0, left: [] });
});

/** What the demo says and shows, step by step, without what is of one engine or one run alone. */
function story(output: string) {
  const steps = output.split(/^(?=\$ pulumi|# )/m).slice(2);
  return steps.slice(0, -1).map((step) => {
    const [command, ...lines] = step.trimEnd().split("\n");
    const shown = (pattern: RegExp) => lines.flatMap((line) => pattern.exec(line)?.slice(1).join(" ") ?? []);
    return {
      command: command?.replace(/(-- ).*$/, "$1…"),
      // ` ~  type name updated (0.05s) [diff: ~generation]`: the resources go side by side, so in any order, and the
      // stack's row comes once for each warning.
      rows: [
        ...new Set(
          shown(/^ ([+~-]) {2}(\S+ \S+ (?:create|update|delete)d?)(?= |$)(?: \([\d.]+s\))?( \[diff: .*\])?/),
        ),
      ].sort(),
      properties: shown(/^ {4,}([+~-] .*)$/),
      outputs: shown(/^ {4,}(\w+: \[|\[\d\]: .*)$/),
      unchanged: shown(/^ {4}(\d+ unchanged)$/),
    };
  });
}

it("on the real Pulumi CLI it tells the same story: the previews, the changes and the summaries are those of the stand-in", async () => {
  const [first, second] = [emptyFolder(), emptyFolder()];
  const usual = await runDemo(first);
  const { code, output } = await runDemo(second, { args: ["--engine", "pulumi"] });

  expect(output).toContain("# Done, on the Pulumi CLI. Neither password is in the server's log");
  expect(story(output)).toEqual(story(usual.output));
  // The comparison has something to compare.
  const [preview, up, , rotation] = story(output).filter(({ command }) =>
    /^\$ pulumi (preview|up)/.test(command ?? ""),
  );
  expect(preview).toMatchObject({
    rows: { length: 5 },
    properties: ["+ 5 to create"],
    outputs: { length: 3 },
  });
  expect(up).toMatchObject({ rows: { length: 5 }, properties: ["+ 5 created"] });
  expect(rotation?.properties).toEqual([
    "~ pulumi-nodejs:dynamic/scram:User: (update)",
    expect.stringMatching(/~ generation\s*: 1 => 2/),
    expect.stringMatching(/~ verifier\s*: \[secret\] => \[secret\]/),
    "~ 1 to update",
  ]);
  expect({ code, left: readdirSync(second) }).toEqual({ code: 0, left: [] });
}, 1_800_000);

it.each(["Starting a real PostgreSQL", "Do it."])(
  "interrupted at '%s' it cleans up and ends with 130",
  async (moment) => {
    const folder = emptyFolder();
    const { code, output } = await runDemo(folder, { signalAfter: moment });

    expect(output).toContain("Interrupted; cleaning up.");
    expect({ code, left: readdirSync(folder) }).toEqual({ code: 130, left: [] });
  },
);

it("with no folder to write to it says in one sentence what to do", async () => {
  const { code, output } = await runDemo(join(emptyFolder(), "missing"));

  expect(output).toMatch(/^The demo failed: .*: set TMPDIR to a folder that you may write to\.$/m);
  expect(code).toBe(1);
});
