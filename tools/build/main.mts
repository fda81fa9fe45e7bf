/** `npm run build`: compiles src to dist, in which a program that runs meanwhile, or a second build, always finds every file. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { temporaryFolder } from "../temporary-folder.mts";
import { replaceFiles } from "./replace-files.mts";

const repository = resolve(import.meta.dirname, "../..");
const dist = join(repository, "dist");
const tsc = join(repository, "node_modules/typescript/bin/tsc");

try {
  mkdirSync(dist, { recursive: true });
  // Inside, so that a file can be moved from one to the other.
  const built = join(temporaryFolder("build", dist), "dist");
  const compiler = [tsc, "-p", join(repository, "tsconfig.build.json"), "--outDir", built];
  // Its cache, which it would leave in the temporary folder, stays in this checkout.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(repository, "node_modules/.cache/node") };
  const { status } = spawnSync(process.execPath, compiler, { env, stdio: "inherit" });
  if (status === 0) {
    chmodSync(join(built, "cli/main.js"), 0o755);
    replaceFiles(built, dist);
  }
  process.exitCode = status ?? 1;
} catch (error) {
  console.error(`The build failed: ${error instanceof Error ? error.message : error}.`);
  process.exitCode = 1;
}
