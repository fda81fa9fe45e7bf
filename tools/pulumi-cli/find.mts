import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "../cache-folder.mts";
import { UserError } from "../user-error.mts";
import { troubleWithPulumi } from "./on-path.mts";

/** The real Pulumi CLI. */
export interface PulumiCli {
  readonly command: string;
  /** What has to come first on PATH for it: its language host and plugins. */
  readonly path: readonly string[];
}

const MODULE = "github.com/pulumi/pulumi/pkg/v3";
const goMod = readFileSync(join(import.meta.dirname, "go.mod"), "utf8");
const version = new RegExp(`${MODULE} v(\\S+)`).exec(goMod)?.[1];

/** The module lacks what is not Go: the host of Node programs, and the providers. The SDK has the dynamic one. */
const beside = [
  join(import.meta.dirname, "bin"),
  join(import.meta.dirname, "../../node_modules/@pulumi/pulumi"),
  dirname(process.execPath),
];

/**
 * The first that is there: the CLI on PATH, the one built earlier, the one that the SDK's own installer downloads, one that is
 * built from its Go module.
 *
 * @param tell is given what takes long
 * @param download resolves with the command, or with nothing where it cannot be had
 * @throws UserError where none can be had
 */
export async function findPulumiCli(
  tell: (line: string) => void,
  env: NodeJS.ProcessEnv = process.env,
  download = downloadBySdk,
): Promise<PulumiCli> {
  if ((await troubleWithPulumi(env)) === undefined) return { command: "pulumi", path: [] };
  const built = join(cacheFolder(env), `pulumi-${version}`);
  if (!starts(built)) {
    const downloaded = await download();
    if (downloaded !== undefined) return { command: downloaded, path: [dirname(downloaded)] };
    await build(built, env, tell);
  }
  return { command: built, path: beside };
}

function starts(command: string): boolean {
  return spawnSync(command, ["version"], { stdio: "ignore", timeout: 30_000 }).status === 0;
}

async function downloadBySdk(): Promise<string | undefined> {
  const { PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
  return PulumiCommand.install().then(
    ({ command }) => command,
    () => undefined,
  );
}

async function build(target: string, env: NodeJS.ProcessEnv, tell: (line: string) => void): Promise<void> {
  if (spawnSync("go", ["version"], { env, stdio: "ignore" }).status !== 0) {
    throw new UserError(
      "there is no Pulumi CLI: it is not on PATH, cannot be downloaded, and to build it takes Go; install one of the two",
    );
  }
  tell(
    `Building the Pulumi CLI ${version} from its Go module: once on this machine, about 8 minutes on two cores.`,
  );
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(join(dirname(target), "build-"));
  const start = Date.now();
  const progress = setInterval(() => tell(`  still building, ${minutesSince(start)} min`), 60_000);
  try {
    const output = join(folder, "pulumi");
    const stamp = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`;
    await run(
      "go",
      ["build", "-C", import.meta.dirname, "-ldflags", stamp, "-o", output, `${MODULE}/cmd/pulumi`],
      env,
    );
    // At once, so that of two who build it neither sees a part of it.
    renameSync(output, target);
  } finally {
    clearInterval(progress);
    rmSync(folder, { recursive: true, force: true });
  }
  tell(`Built in ${minutesSince(start)} min: ${target}`);
}

function minutesSince(start: number): string {
  return ((Date.now() - start) / 60_000).toFixed(1);
}

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(command, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2_000);
  });
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  if (code !== 0) throw new UserError(`the Pulumi CLI could not be built with Go: ${said.trim()}`);
}
