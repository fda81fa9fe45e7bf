import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { removeFolder } from "../temporary-folder.mts";
import { UserError } from "../user-error.mts";
import { createCluster, lastMessage } from "./cluster.mts";

export interface PostgresServer {
  /** As the superuser. */
  readonly url: string;
  readonly port: number;
  /** Everything the server has logged; with `log_statement=all`, every statement it was sent. */
  readonly logFile: string;
  /** Stops the server and removes its folder. */
  stop(): Promise<void>;
}

const PASSWORD = "postgres";

const SETTINGS = {
  // Nothing here is to outlive it.
  fsync: "off",
  // With a second address PostgreSQL would start although our port on this one is somebody else's.
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  log_statement: "all",
  log_line_prefix: "%m %u ",
};

/**
 * Starts a real PostgreSQL on a free port, in a temporary folder.
 *
 * @param settings of postgresql.conf
 * @param files for the data directory, by name: certificates, pg_hba.conf
 * @param choosePort asked again when somebody else has taken the port in the meantime
 */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
  choosePort = freePort,
): Promise<PostgresServer> {
  const { folder, data, logFile, write, start } = await createCluster(PASSWORD);
  for (const [name, content] of Object.entries(files)) write(join(data, name), content);
  const all = Object.entries({ ...SETTINGS, ...settings });
  const flags = all.flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  for (let attempts = 5; attempts > 0; attempts--) {
    const port = await choosePort();
    const server = start("postgres", ["-D", data, "-p", String(port), ...flags]);
    const stop = async () => {
      await end(server);
      removeFolder(folder);
    };
    if (await isReady(server, data)) {
      return { url: `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`, port, logFile, stop };
    }
    await end(server);
    if (!readFileSync(logFile, "utf8").includes("Address already in use")) break;
  }
  const reason = lastMessage(logFile);
  removeFolder(folder);
  throw new UserError(`PostgreSQL does not start: ${reason}`);
}

/** Whether it comes to accept connections, or ends before. */
async function isReady(server: ChildProcess, data: string): Promise<boolean> {
  const deadline = Date.now() + 60_000;
  while (isRunning(server) && Date.now() < deadline) {
    if (/^ready/m.test(statusIn(data))) return true;
    await sleep(20);
  }
  return false;
}

/** What the server says of itself; its file comes and goes with it. */
function statusIn(data: string): string {
  try {
    return readFileSync(join(data, "postmaster.pid"), "utf8");
  } catch {
    return "";
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (!isRunning(server)) return;
  const ended = once(server, "close");
  const late = setTimeout(() => server.kill("SIGQUIT"), 10_000);
  server.kill("SIGINT");
  await ended;
  clearTimeout(late);
}

function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
