import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { removeFolder, temporaryFolder } from "../temporary-folder.mts";
import type { Engine } from "./engine.mts";

/** Nothing that outlives the project is encrypted with it. */
const PASSPHRASE = "for a temporary stack";

const repository = resolve(import.meta.dirname, "../..");

export interface Run {
  readonly code: number | null;
  /** What a user sees: stdout and stderr as they came. */
  readonly output: string;
  readonly stdout: string;
}

/** A Pulumi project in a temporary folder, with a backend of its own: the user's login and stacks are never touched. */
export interface Project {
  readonly folder: string;
  /** Runs the engine with these arguments, for instance `["up", "--yes"]`. */
  run(args: readonly string[], options?: RunOptions): Promise<Run>;
  /** Stops what still runs and removes the folder. */
  remove(): Promise<void>;
}

export interface RunOptions {
  /** Beside the environment of this process, less what could lead to a database or a stack of the user's. */
  readonly env?: Readonly<Record<string, string>>;
  /** For standard input. */
  readonly input?: string;
  /** Called with each piece of output as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** @param files by path: a text, or `{ copy: path in the repository }` */
export function createProject(
  engine: Pick<Engine, "command" | "firstArguments" | "path">,
  files: Readonly<Record<string, string | { readonly copy: string }>>,
): Project {
  const folder = temporaryFolder("project");
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    if (typeof content === "string") writeFileSync(target, content);
    else cpSync(join(repository, content.copy), target, { recursive: true });
  }
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"), "dir");
  const inner = (name: string) => join(folder, name);
  const [backend, temporary, home] = [inner(".backend"), inner(".tmp"), inner(".pulumi")];
  for (const each of [backend, temporary, home]) mkdirSync(each);
  // The rest of the user's own home would keep which stack was selected in which folder.
  const plugins = join(process.env.PULUMI_HOME || join(homedir(), ".pulumi"), "plugins");
  if (existsSync(plugins)) symlinkSync(plugins, join(home, "plugins"), "dir");

  const running = new Set<ChildProcess>();
  return {
    folder,
    run(args, { env = {}, input, onOutput } = {}) {
      const child = spawn(engine.command, [...engine.firstArguments, "--non-interactive", ...args], {
        cwd: folder,
        env: {
          ...harmlessEnvironment(),
          PATH: [...engine.path, process.env.PATH ?? ""].join(delimiter),
          PULUMI_HOME: home,
          PULUMI_BACKEND_URL: pathToFileURL(backend).href,
          PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
          // The SDK's TypeScript compiler leaves a cache in the temporary folder.
          TMPDIR: temporary,
          // `npm run lint` checks the types of all programs; in each run of one it takes half of the time.
          PULUMI_NODEJS_TRANSPILE_ONLY: "true",
          ...env,
        },
      });
      child.stdin.end(input);
      running.add(child);
      let stdout = "";
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
          if (stream === child.stdout) stdout += text;
          onOutput?.(text);
        });
      }
      return new Promise((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (code) => {
          running.delete(child);
          resolve({ code, output, stdout });
        });
      });
    },
    async remove() {
      await Promise.all(
        [...running].map((child) => new Promise((done) => child.once("close", done) && child.kill("SIGINT"))),
      );
      removeFolder(folder);
    },
  };
}

/** A connection left in the shell must not become the target of a demo or a test. */
function harmlessEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|SCRAM_|PULUMI_)/.test(name));
  return { ...Object.fromEntries(kept), PULUMI_SKIP_UPDATE_CHECK: "true" };
}
