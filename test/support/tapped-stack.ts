import { readFileSync } from "node:fs";
import type { PostgresServer } from "../../tools/postgres/server.mts";
import type { Place } from "./leaks";
import { Stack } from "./stack";
import { query } from "./targets";
import { type Wire, wireTo } from "./wire";

export type Kind = "output" | "decrypted state" | "disk" | "wire" | "server log" | "pg_stat_statements";

/** All that can be seen of deployments, by what may be in it and what may not. */
export type Places = Readonly<Record<Kind, Place[]>>;

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The server's, if not the way by the wire. */
  readonly url?: string | undefined;
}

/** A stack of a program that finds what it shall declare in the environment, and all that is seen of it. */
export interface TappedStack {
  readonly wire: Wire;
  readonly places: Places;
  /** Resolves with the output, whatever comes of it. */
  run(args: readonly string[], users: Users, options?: RunOptions): Promise<string>;
  /** What the engine decrypts for whoever has the passphrase. */
  decrypt(): Promise<void>;
}

/** The arguments of each by its name. */
export type Users = Readonly<Record<string, object>>;

/** Lines of NODE_DEBUG and GRPC_TRACE: to be searched, not to be read. */
const TRACE = /^ *(?:[A-Z0-9]+ \d+: |[DIE] \d{4}-\d\d-\d\dT).*\n/gm;

/** @param program reads `{ users, connection }`, JSON, from the environment variable DECLARED */
export async function tap(program: string, administrator: string): Promise<TappedStack> {
  const wire = await wireTo(administrator);
  const stack = await Stack.create(program);
  const places = nowhere();
  return {
    wire,
    places,
    async run(args, users, { env, url = wire.url } = {}) {
      const { output } = await stack.run(args, {
        ...env,
        DECLARED: JSON.stringify({ users, connection: url }),
      });
      places.output.push([args.join(" "), output]);
      // After each run: the next one overwrites them.
      places.disk.push(...stack.filesByName());
      return output.replaceAll(TRACE, "");
    },
    async decrypt() {
      const { stdout } = await stack.project.run(["stack", "export", "--show-secrets"]);
      places["decrypted state"].push(["stack export --show-secrets", stdout]);
    },
  };
}

/** What there is to see once everything is over; the server needs pg_stat_statements. */
export async function seenOf(stacks: readonly TappedStack[], server: PostgresServer): Promise<Places> {
  const all = nowhere();
  for (const { places, wire } of stacks) {
    for (const kind of kindsOf(all)) all[kind].push(...places[kind]);
    all.wire.push(...wire.recorded());
  }
  const statistics = await query<{ query: string }>(server.url, "SELECT query FROM pg_stat_statements");
  all.pg_stat_statements.push(["queries", statistics.map((row) => row.query).join("\n")]);
  all["server log"].push(["all of it", readFileSync(server.logFile)]);
  return all;
}

export function kindsOf(places: Places): Kind[] {
  return Object.keys(places) as Kind[];
}

export function placesOf(places: Places, kinds: readonly Kind[] = kindsOf(places)): Place[] {
  return kinds.flatMap((kind) => places[kind].map(([name, content]): Place => [`${kind}: ${name}`, content]));
}

function nowhere(): Places {
  return { output: [], "decrypted state": [], disk: [], wire: [], "server log": [], pg_stat_statements: [] };
}
