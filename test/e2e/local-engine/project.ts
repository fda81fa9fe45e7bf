import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterAll } from "vitest";
import { COMPILE_CACHE } from "../../../tools/local-engine/compile-cache.mts";
import { temporaryFolder } from "../../../tools/temporary-folder.mts";

const repository = resolve(import.meta.dirname, "../../..");
const engine = join(repository, "tools/local-engine/main.mts");

export interface Result {
  readonly code: number;
  readonly output: string;
  readonly stdout: string;
}

/** A call that the fixture's dynamic provider got. */
export interface ProviderCall {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly pid: number;
}

export interface StoredResource {
  readonly urn: string;
  readonly id: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
  readonly propertyDependencies?: Record<string, string[]>;
  readonly modified?: string;
  readonly initErrors?: string[];
  readonly delete?: boolean;
}

export interface Latest {
  readonly resources?: StoredResource[];
  readonly pending_operations?: { type: string; resource: StoredResource }[];
}

/** What every fixture provider may use: the marks of secrets and unknowns, and a sleep. */
const PROVIDER_PRELUDE = `
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const secret = (value) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });
const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const record = (method, args) => require("node:fs").appendFileSync(
  __dirname + "/calls.jsonl", JSON.stringify({ method, args, pid: process.pid }) + "\\n");
const defaults = {
  configure: () => {},
  check: (olds, news) => ({ inputs: news }),
  diff: () => ({}),
  create: (inputs) => ({ id: "id-" + inputs.name, outs: inputs }),
  update: (id, olds, news) => ({ outs: news }),
  read: (id, props) => ({ id, props }),
  delete: () => {},
};`;

/** The methods of the fixture's provider: for all resources, or for those of a name. */
type Methods = string | Record<string, string>;

const methodTable = (methods: Methods) =>
  typeof methods === "string"
    ? `const methodsOf = () => ({ ${methods} });`
    : `const table = { ${Object.entries(methods).map(([name, source]) => `"${name}": { ${source} }`)} };
const methodsOf = (name) => table[name] ?? {};`;

/** Every method records its arguments and then does what the test says, or the default. */
const providerSource = (methods: Methods) => `${PROVIDER_PRELUDE}
${methodTable(methods)}
for (const method of Object.keys(defaults)) {
  exports[method] = async (...args) => {
    record(method, method === "configure" ? [args[0].config.rawConfig] : args);
    const answer = methodsOf(args.at(-1).name)[method] ?? defaults[method];
    return answer(...args);
  };
}`;

const programSource = (folder: string, body: string) => `
const pulumi = require("@pulumi/pulumi");
const random = require("@pulumi/random");
const __provider = 'exports.handler=()=>require(${JSON.stringify(join(folder, "provider.js"))});';
class Thing extends pulumi.CustomResource {
  constructor(name, args = {}, options) {
    super("pulumi-nodejs:dynamic/test:Thing", name, { ...args, name, __provider }, options);
  }
}
class Cluster extends pulumi.ProviderResource {
  constructor(name, args) { super("pulumi-nodejs", name, args); }
}
const config = new pulumi.Config();
${body}`;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** What `stack init` writes. It is run once a test file: a stack without resources is the same in every project. */
const STACK_FILES = ["Pulumi.dev.yaml", "state/.pulumi/stacks/test/dev.json", "state/.pulumi/selected/test"];
const initialised = new Map<string, string>();

/** A project in a temporary folder with a stack `dev`, and the stand-in to run on it. */
export class TestProject {
  readonly folder = temporaryFolder("local-engine");
  /** Beside the usual: for what a test sets differently. */
  environment: Record<string, string> = {};
  readonly stateFile = join(this.folder, "state/.pulumi/stacks/test/dev.json");

  static async create(files: { provider?: Methods; program: string }): Promise<TestProject> {
    const project = new TestProject();
    folders.push(project.folder);
    project.write("Pulumi.yaml", "name: test\nruntime: nodejs\n");
    project.write("package.json", "{}");
    mkdirSync(join(project.folder, "state"));
    symlinkSync(join(repository, "node_modules"), join(project.folder, "node_modules"), "dir");
    project.provider(files.provider ?? "");
    project.program(files.program);
    await project.#initialise();
    return project;
  }

  async #initialise(): Promise<void> {
    if (initialised.size === 0) {
      await this.succeed("stack", "init", "dev");
      for (const file of STACK_FILES) initialised.set(file, readFileSync(join(this.folder, file), "utf8"));
    } else {
      for (const [file, text] of initialised) this.write(file, text);
    }
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  provider(methods: Methods): void {
    this.write("provider.js", providerSource(methods));
  }

  program(body: string): void {
    this.write("index.js", programSource(this.folder, body));
  }

  /** Starts the stand-in without waiting for its end. */
  start(...args: string[]): { child: ChildProcess; result: Promise<Result> } {
    const child = spawn(process.execPath, [engine, ...args, "--cwd", this.folder, "--non-interactive"], {
      env: {
        ...process.env,
        ...COMPILE_CACHE,
        PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "correct horse",
        ...this.environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let stdout = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    const result = new Promise<Result>((done) => {
      child.on("close", (code) => done({ code: code ?? -1, output, stdout }));
    });
    return { child, result };
  }

  run(...args: string[]): Promise<Result> {
    return this.start(...args).result;
  }

  async succeed(...args: string[]): Promise<string> {
    const { code, output } = await this.run(...args);
    if (code !== 0) throw new Error(`${args.join(" ")} failed with ${code}:\n${output}`);
    return output;
  }

  async fail(...args: string[]): Promise<string> {
    const { code, output } = await this.run(...args);
    if (code === 0) throw new Error(`${args.join(" ")} did not fail:\n${output}`);
    return output;
  }

  up(): Promise<string> {
    return this.succeed("up", "--skip-preview");
  }

  /** What the provider was asked since the last time, and forgets it. */
  calls(): ProviderCall[] {
    const file = join(this.folder, "calls.jsonl");
    if (!existsSync(file)) return [];
    const calls = readFileSync(file, "utf8").trim().split("\n");
    rmSync(file);
    return calls.map((line) => JSON.parse(line));
  }

  methods(): string[] {
    return this.calls().map((call) => call.method);
  }

  /** The state file as it lies on disk. */
  latest(): Latest {
    return JSON.parse(readFileSync(this.stateFile, "utf8")).checkpoint.latest;
  }

  resource(name: string): StoredResource {
    return resourceIn(this.latest(), name);
  }

  find(name: string): StoredResource | undefined {
    return findIn(this.latest(), name);
  }
}

export const findIn = ({ resources }: Latest, name: string): StoredResource | undefined =>
  resources?.find((resource) => resource.urn.endsWith(`::${name}`));

export function resourceIn(latest: Latest, name: string): StoredResource {
  const found = findIn(latest, name);
  if (!found) throw new Error(`no resource ${name} in the state`);
  return found;
}

/** Whether a value of the state file is a ciphertext. */
export const isEncrypted = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "ciphertext" in value && !("value" in value);

/** The ids of the processes that work in the folder (program, providers), where the system tells: on Linux. */
export function processesIn(folder: string): number[] {
  const pids = existsSync("/proc/self/cwd") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
  const worksHere = (pid: string) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false;
    }
  };
  return pids.filter(worksHere).map(Number);
}

/** The calls about one resource, in their order. */
export const callsOf = (name: string, calls: readonly ProviderCall[]): ProviderCall[] =>
  calls.filter(({ args }) => (args.at(-1) as { name?: string }).name === name);

export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("what was waited for did not happen within 30 s");
    await new Promise((done) => setTimeout(done, 20));
  }
}
