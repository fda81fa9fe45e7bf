/**
 * A stand-in for the Pulumi CLI with one job: the demo, on a machine that has Node and npm and nothing else. It drives the
 * SDK's own program host and provider process, and takes the arguments of `pulumi` that the demo gives; whatever else is asked
 * of it, it refuses. The tests run on the real CLI.
 */
import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { parse } from "yaml";
import { UserError } from "../user-error.mts";
import { parseCommand } from "./arguments.mts";
import { Deployment } from "./deployment.mts";
import { heading, outputLines, summary } from "./display.mts";
import { createStack, openStack, type Project, type Stack } from "./stack.mts";

// An exit, unlike the signal itself, gives the child processes their end.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));

try {
  await run(process.argv.slice(2));
  process.exitCode = 0;
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 255;
}

async function run(argv: readonly string[]): Promise<void> {
  const { command, operands, flags } = parseCommand(argv);
  const project = readProject();
  if (command === "stack init") {
    createStack(project, operands[0] ?? "");
    console.log(`Created stack '${operands[0]}'`);
    return;
  }
  const stack = openStack(project);
  if (command === "config set") {
    const [key = "", value = ""] = operands;
    const name = key.includes(":") ? key : `${project.name}:${key}`;
    stack.config = { ...stack.config, [name]: { value, secret: flags.has("secret") } };
    stack.save();
    return;
  }
  await operate(stack, command, flags);
}

async function operate(stack: Stack, command: string, flags: ReadonlySet<string>): Promise<void> {
  const preview = command === "preview";
  if (!preview && !flags.has("skip-preview"))
    throw new UserError(`the stand-in takes \`${command}\` with --yes --skip-preview`);
  console.log(`${heading(command, stack.name)}\n`);
  const started = Date.now();
  const deployment = new Deployment(stack, { preview, details: flags.has("diff") });
  try {
    if (command === "destroy") await deployment.destroy();
    else await deployment.deploy();
  } finally {
    await deployment.close();
  }
  // With --diff, only what changes is shown.
  if (command !== "destroy" && !flags.has("diff")) console.log(outputLines(stack.outputs));
  console.log(summary(deployment.counts, preview));
  if (!preview) console.log(`\nDuration: ${Math.max(1, Math.round((Date.now() - started) / 1000))}s\n`);
}

function readProject(): Project {
  const { name, main = "." } = parse(readFileSync("Pulumi.yaml", "utf8"));
  const target = resolve(main);
  const isFile = /\.[cm]?[jt]s$/.test(target);
  return {
    name,
    root: resolve("."),
    directory: isFile ? dirname(target) : target,
    entry: isFile ? basename(target) : ".",
  };
}
