import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder, temporaryFolder } from "../temporary-folder.mts";
import { UserError } from "../user-error.mts";
import { copyPrograms, installedPrograms } from "./programs.mts";
import { type ServerUser, serverUser } from "./server-user.mts";

/** The files of a server, in a temporary folder. */
export interface Cluster {
  readonly folder: string;
  readonly data: string;
  readonly logFile: string;
  /** Makes a file that only the server can read. */
  write(path: string, content: string): void;
  /** Starts a program of PostgreSQL; what it prints goes to the log. */
  start(program: "initdb" | "postgres", args: readonly string[]): ChildProcess;
}

/** @param password of the superuser, `postgres` */
export async function createCluster(password: string): Promise<Cluster> {
  const installed = installedPrograms();
  const user = serverUser();
  const attempts: { parent: string; copyFor?: ServerUser }[] = [{ parent: tmpdir() }];
  // A user other than ours may be unable to get to the programs, as below /root, or to our temporary folder.
  if (user !== undefined)
    for (const parent of [tmpdir(), "/tmp", "/var/tmp"]) attempts.push({ parent, copyFor: user });
  let reason = "";
  for (const { parent, copyFor } of attempts) {
    const folder = temporaryFolder("postgres", parent);
    try {
      const programs =
        copyFor === undefined ? installed : copyPrograms(installed, join(folder, "programs"), copyFor);
      const cluster = openCluster(folder, programs, user);
      await initialise(cluster, password);
      return cluster;
    } catch (error) {
      removeFolder(folder);
      reason = (error as Error).message;
    }
  }
  throw new UserError(
    user === undefined
      ? `PostgreSQL does not start: ${reason}`
      : `PostgreSQL, which refuses to run as root, does not start as ${user.name}: ${reason}; run this as an ordinary user, or with TMPDIR where any user may execute programs`,
  );
}

function openCluster(folder: string, programs: string, user: ServerUser | undefined): Cluster {
  const data = join(folder, "data");
  const logFile = join(folder, "server.log");
  const give = (path: string) => user !== undefined && chownSync(path, user.uid, user.gid);
  chmodSync(folder, 0o711);
  mkdirSync(data, { mode: 0o700 });
  give(data);
  return {
    folder,
    data,
    logFile,
    write(path, content) {
      writeFileSync(path, content, { mode: 0o600 });
      give(path);
    },
    start(program, args) {
      const log = openSync(logFile, "a");
      const child = spawn(join(programs, "bin", program), args, {
        ...(user !== undefined && { uid: user.uid, gid: user.gid }),
        cwd: data,
        env: environment(),
        stdio: ["ignore", log, log],
      });
      closeSync(log);
      child.once("error", ({ message }) => appendFileSync(logFile, `FATAL: ${message}\n`));
      return child;
    },
  };
}

async function initialise({ folder, data, logFile, write, start }: Cluster, password: string): Promise<void> {
  const passwordFile = join(folder, "password");
  write(passwordFile, `${password}\n`);
  const flags = [
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
    "--wal-segsize=1",
  ];
  const [code] = await once(
    start("initdb", [`--pgdata=${data}`, `--pwfile=${passwordFile}`, ...flags]),
    "close",
  );
  rmSync(passwordFile);
  if (code !== 0) throw new Error(lastMessage(logFile));
}

/** The server's language and time zone are the same on each machine, as is its behaviour. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("PG"));
  return { ...Object.fromEntries(kept), LC_ALL: "C", TZ: "UTC" };
}

/** What PostgreSQL gives as its reason. */
export function lastMessage(logFile: string): string {
  const lines = readFileSync(logFile, "utf8").trimEnd().split("\n");
  return lines.findLast((line) => /(?:error|FATAL|PANIC):/.test(line)) ?? lines.at(-1) ?? "";
}
