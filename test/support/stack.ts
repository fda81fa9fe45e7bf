import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, inject, onTestFinished } from "vitest";
import { createProject, type Project, type Run, type RunOptions } from "../../tools/engine/project.mts";
import { type Canary, describeSearch, type Place, searchLeaks } from "./leaks";

/** A resource as the state holds it, secrets decrypted. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly initErrors?: readonly string[];
}

type Environment = NonNullable<RunOptions["env"]>;

/** How every password of a scenario begins, and nothing else. */
const PASSWORDS: Canary = { label: "a password", secret: "Canary-" };

/** A stack of a program, with a backend of its own, removed when the test is over, after a search for passwords in all that is left of it. */
export class Stack {
  readonly project: Project;
  /** Everything the engine has printed so far, for a search of all of it. */
  transcript = "";
  /** The program's own files. */
  readonly #written: Set<string>;

  private constructor(project: Project, files: readonly string[]) {
    this.project = project;
    this.#written = new Set(files);
  }

  /** @param program JavaScript, or the files of a project */
  static async create(program: string | Record<string, string | { copy: string }>): Promise<Stack> {
    const stack = await Stack.createShared(program);
    onTestFinished(() => stack.remove());
    return stack;
  }

  /** For several tests; the caller removes it. */
  static async createShared(program: string | Record<string, string | { copy: string }>): Promise<Stack> {
    const files =
      typeof program === "string"
        ? { "Pulumi.yaml": "name: test\nruntime: nodejs\n", "index.js": program, "package.json": "{}" }
        : program;
    const stack = new Stack(createProject(inject("engine"), files), Object.keys(files));
    await stack.succeed(["stack", "init", "dev"]);
    return stack;
  }

  /** Replaces a file of the program. */
  write(path: string, content: string): void {
    this.#written.add(path);
    writeFileSync(join(this.project.folder, path), content);
  }

  read(path: string): string {
    return readFileSync(join(this.project.folder, path), "utf8");
  }

  async run(args: readonly string[], env: Environment = {}): Promise<Run> {
    const run = await this.project.run(args, { env });
    this.transcript += run.output;
    return run;
  }

  /** Runs, and gives what a user sees. */
  async succeed(args: readonly string[], env?: Environment): Promise<string> {
    const { code, output } = await this.run(args, env);
    expect(code, output).toBe(0);
    return output;
  }

  async fail(args: readonly string[], env?: Environment): Promise<string> {
    const { code, output } = await this.run(args, env);
    expect(code, output).not.toBe(0);
    return output;
  }

  preview(env?: Environment): Promise<string> {
    return this.succeed(["preview", "--diff"], env);
  }

  /** A preview of the resources alone: of stack outputs, it shows what stays the same, too. */
  changes(env?: Environment): Promise<string> {
    return this.succeed(["preview", "--diff", "--suppress-outputs"], env);
  }

  up(env?: Environment): Promise<string> {
    return this.succeed(["up", "--yes", "--skip-preview"], env);
  }

  /** The state, secrets decrypted. */
  async resources(): Promise<readonly StateResource[]> {
    const { stdout } = await this.project.run(["stack", "export", "--show-secrets"]);
    return JSON.parse(stdout).deployment.resources ?? [];
  }

  async resource(name: string): Promise<StateResource> {
    const found = (await this.resources()).find(({ urn }) => urn.endsWith(`::${name}`));
    return found ?? expect.fail(`no resource ${name} in the state`);
  }

  /** Fails where a password is in the transcript, in a file that the engine left, or in what it decrypts. */
  async remove(): Promise<void> {
    try {
      const decrypted = await Promise.all(
        [
          ["stack", "export"],
          ["stack", "output", "--json"],
        ].map(async (command): Promise<Place> => {
          const { stdout } = await this.project.run([...command, "--show-secrets"]);
          return [`${command.join(" ")} --show-secrets`, stdout];
        }),
      );
      const search = searchLeaks(
        [PASSWORDS],
        [["transcript", this.transcript], ...decrypted, ...this.#left()],
      );
      expect(search.hits, describeSearch(search)).toEqual([]);
    } finally {
      await this.project.remove();
    }
  }

  /** All files but the program's own and those that are linked to: state, history, config, plans, event logs, caches. */
  #left(): Place[] {
    const { folder } = this.project;
    return [...filesIn(folder)]
      .filter((file) => ![...this.#written].some((path) => file.startsWith(join(folder, path))))
      .map((file) => [relative(folder, file), readFileSync(file)]);
  }

  /** The backend's files and the config's, as they lie on disk. */
  files(): string {
    return this.filesByName()
      .map(([, content]) => content)
      .join("\n");
  }

  filesByName(): [name: string, content: string][] {
    const { folder } = this.project;
    const backend = readdirSync(join(folder, ".backend"), { recursive: true, withFileTypes: true });
    const files = backend
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    return [...files, join(folder, "Pulumi.dev.yaml")].map((file) => [
      relative(folder, file),
      readFileSync(file, "utf8"),
    ]);
  }
}

/** A secret in an export with `--show-secrets`: its JSON in clear. */
export function secretOf(value: unknown): unknown {
  const { plaintext } = (value ?? {}) as { plaintext?: string };
  return plaintext === undefined ? expect.fail("not a secret in the state") : JSON.parse(plaintext);
}

/** Links are not followed: that to `node_modules` leads in circles. */
function* filesIn(folder: string): Iterable<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else if (entry.isFile()) yield path;
  }
}
