import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** What the SDK's `cmd/run` has to know. */
export interface ProgramRun {
  readonly monitor: string;
  readonly engine: string;
  readonly organization: string;
  readonly project: string;
  /** The folder of Pulumi.yaml. */
  readonly root: string;
  readonly stack: string;
  /** The folder of the program. */
  readonly directory: string;
  readonly preview: boolean;
  readonly parallel: number;
  /** Within `directory`. */
  readonly entry: string;
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
}

/** The exit status by which the SDK says that it has shown its error already. */
export const ALREADY_SHOWN = 32;

/** How the SDK that a program uses is told to run it. */
export function programCommand(run: ProgramRun): {
  script: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
} {
  const manifest = createRequire(join(run.directory, "package.json")).resolve("@pulumi/pulumi/package.json");
  return {
    script: join(dirname(manifest), "cmd/run/index.js"),
    args: [
      ["--monitor", run.monitor],
      ["--engine", run.engine],
      ["--organization", run.organization],
      ["--project", run.project],
      ["--root-directory", run.root],
      ["--stack", run.stack],
      ["--pwd", run.directory],
      run.preview ? ["--dry-run"] : [],
      ["--parallel", String(run.parallel)],
      [run.entry],
    ].flat(),
    env: {
      PULUMI_NODEJS_TYPESCRIPT: "true",
      PULUMI_CONFIG: JSON.stringify(run.config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(run.secretKeys),
    },
  };
}
