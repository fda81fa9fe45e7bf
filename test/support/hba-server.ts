import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll } from "vitest";
import { type PostgresServer, startPostgres } from "../../tools/postgres/server.mts";
import { query } from "./targets";

export interface HbaServer extends PostgresServer {
  /** The folder of its HBA file. */
  readonly folder: string;
  /** The HBA file, and what lies beside it because of us. */
  files(): Readonly<Record<string, string>>;
  /** As somebody with an editor. */
  save(text: string): void;
  /** `save`, and has the server go by it. */
  edit(text: string): Promise<void>;
}

/** As a server's stock rules, without those for replication: rules that leave them out are refused. */
export const RULES_BEFORE =
  "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n";

/** A server for the tests of a file, whose HBA file may be written. */
export function useHbaServer(settings: Readonly<Record<string, string>> = {}): HbaServer {
  let server: PostgresServer | undefined;
  const running = () => {
    if (server === undefined) throw new Error("the server runs only during tests");
    return server;
  };
  beforeAll(async () => {
    server = await startPostgres({ log_statement: "none", ...settings }, { "pg_hba.conf": RULES_BEFORE });
    return () => running().stop();
  });
  const folder = () => join(dirname(running().logFile), "data");
  const save = (text: string) => writeFileSync(join(folder(), "pg_hba.conf"), text);
  return {
    get url() {
      return running().url;
    },
    get port() {
      return running().port;
    },
    get logFile() {
      return running().logFile;
    },
    get folder() {
      return folder();
    },
    stop: () => running().stop(),
    files: () => hbaFiles(folder()),
    save,
    edit: async (text) => {
      save(text);
      await query(running().url, "SELECT pg_reload_conf()");
    },
  };
}

/** Those that hold anything: not every server can delete. */
export function hbaFiles(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => /^pg_hba\.conf|pulumi-scram/.test(name));
  const files = names.map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);
  return Object.fromEntries(files.filter(([, content]) => content !== ""));
}

/** Asked by the server about a login, it never answers: the login takes seconds, and then fails. */
export function useSilentRadius(): { readonly method: string; asked(): Promise<unknown> } {
  const socket = createSocket("udp4");
  beforeAll(async () => {
    await once(socket.bind(0, "127.0.0.1"), "listening");
    return () => void socket.close();
  });
  return {
    get method() {
      return `radius radiusservers=127.0.0.1 radiusports=${socket.address().port} radiussecrets=s`;
    },
    asked: () => once(socket, "message"),
  };
}

/** Polls, for what another process is to bring about. */
export async function until<T>(look: () => Promise<T | undefined | false>, withinMs = 30_000): Promise<T> {
  for (const end = Date.now() + withinMs; ; await sleep(20)) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms`);
  }
}
