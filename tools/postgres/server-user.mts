import { spawnSync } from "node:child_process";
import { UserError } from "../user-error.mts";

export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root: then it runs as a user that the machine has. None is made. */
export function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "_postgres", "nobody"]) {
    const [uid, gid] = [idOf("-u", name), idOf("-g", name)];
    if (uid > 0) return { name, uid, gid };
  }
  throw new UserError(
    "PostgreSQL does not run as root, and this machine has no user postgres or nobody: run this as an ordinary user",
  );
}

/** Not a number where there is no such user. */
function idOf(flag: "-u" | "-g", name: string): number {
  return Number.parseInt(spawnSync("id", [flag, name], { encoding: "utf8" }).stdout, 10);
}
