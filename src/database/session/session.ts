import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { Client } from "../connection/client";
import { findServer } from "../connection/connect";
import { beginLogin, type Challenge } from "../connection/login/challenge";
import { describeHosts, type Target } from "../connection/parameters/target";
import type { Product } from "../contract/database";
import { explainError, isNoSlot } from "./errors";
import { limit } from "./limit";
import type { Operation } from "./operation";
import { withRetries } from "./retry";
import { Slots } from "./slots";
import { Connection, isRefusal } from "./transaction";

/** More than a server takes to see that a connection is closed. Whoever has nothing else to wait for does not wait for this. */
const closingTime = () => sleep(1_000, undefined, { ref: false });

/** Where the connection sets no limit: until it is proved that we get in, rules that may shut us out are in force. */
const PROOF_MS = 15_000;

interface Opened {
  readonly config: pg.ClientConfig;
  readonly pool: pg.Pool;
  readonly product: Product;
  readonly cluster: string | null;
  readonly role: string | undefined;
}

/** For the message when it fails; a function where it is known only then. */
type Doing = Operation | (() => Operation);

const pools = new Set<pg.Pool>();

/**
 * For the end of the process: a server logs each connection that nobody has closed as broken off. Those still at work are not
 * waited for.
 */
export async function closeConnections(): Promise<void> {
  await Promise.race([
    Promise.allSettled([...pools].map((pool) => pool.ending || pool.end())),
    closingTime(),
  ]);
}

/** Pooled connections to one target, as one user. */
export class Session {
  /** For messages: all hosts of the target, and once one was found, that one. */
  server: string;
  readonly #target: Target;
  // Work waits here, not in the pool, whose time limit for connecting would count the wait as well.
  readonly #limit: ReturnType<typeof limit>;
  readonly #slots: Slots;
  #opened: Promise<Opened> | undefined;

  constructor(target: Target) {
    this.#target = target;
    this.#limit = limit(target.connectionLimit);
    this.#slots = new Slots(target.connectionLimit);
    this.server = describeHosts(target.hosts);
  }

  get user(): string {
    return this.#target.user;
  }

  /** Runs work that may be done twice, in one transaction: from its beginning again when the connection is lost. */
  run<T>(doing: Doing, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.connected(doing, (connection) => connection.run(work));
  }

  /** Runs work in one transaction, all or nothing: from its beginning again while it is certain that it was not committed. */
  transaction<T>(doing: Doing, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.connected(doing, (connection) => connection.transaction(work));
  }

  /** As `run`, for more than one transaction, or what goes in none; all on one connection. */
  connected<T>(
    doing: Doing,
    work: (connection: Connection) => Promise<T>,
    retry: typeof withRetries = withRetries,
  ): Promise<T> {
    return this.#explained(doing, () => retry(() => this.#limit(() => this.#withConnection(work))));
  }

  /** As `connected`, for work that must not be repeated. */
  once<T>(doing: Doing, work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.connected(doing, work, (operation) => operation());
  }

  /** As `transaction`, in another database of the same server, on a connection of its own; not repeated. */
  inDatabase<T>(database: string, doing: Doing, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#explained(doing, () =>
      this.#limit(async () => {
        const { role } = await this.#found();
        const client = await this.#slots.take(() => this.#beside((config) => ({ ...config, database })));
        try {
          return await new Connection(client, role).transaction(work);
        } finally {
          await client.end().catch(() => {});
          this.#slots.release();
        }
      }),
    );
  }

  /** What the server asks a user of it for at login, from this machine and without a password. */
  async challenge(user: string): Promise<Challenge> {
    const begun = await this.#explained(`ask how role "${user}" logs in`, () =>
      withRetries(() =>
        this.#limit(async () => {
          const begin = async () => beginLogin((await this.#found()).config, user);
          const begun = await this.#slots.take(() => this.#withSlot(begin));
          this.#slots.release();
          return begun;
        }),
      ),
    );
    return begun.challenge;
  }

  /** On a connection of its own, whatever the pool holds, which is opened within `loginMs()`; not repeated, and in no transaction. */
  apart<T>(doing: Doing, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#explained(doing, async () => {
      const connectionTimeoutMillis = await this.loginMs();
      const client = await this.#beside((config) => ({ ...config, connectionTimeoutMillis }));
      try {
        return await work(client);
      } finally {
        await client.end().catch(() => {});
      }
    });
  }

  /** How long a login may take until it has failed. */
  async loginMs(): Promise<number> {
    return (await this.#found()).config.connectionTimeoutMillis || PROOF_MS;
  }

  /** As in RoleIdentity; of the server that is connected to, or else connects. */
  cluster(): Promise<string | null> {
    return this.#explained("log in", async () => (await this.#found()).cluster);
  }

  /** What the server turned out to be; connects if need be. */
  product(): Promise<Product> {
    return this.connected("log in", async () => (await this.#found()).product);
  }

  async #explained<T>(doing: Doing, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const operation = typeof doing === "function" ? doing() : doing;
      throw explainError(error, { operation, server: this.server, user: this.user });
    }
  }

  /** A connection beside the pool's. */
  #beside(configure: (config: pg.ClientConfig) => pg.ClientConfig): Promise<pg.Client> {
    return this.#withSlot(async () => connected(configure((await this.#found()).config)));
  }

  /** What needs a slot of the server's beside the pool, which gives up its idle ones where there is none left. */
  async #withSlot<T>(connect: () => Promise<T>): Promise<T> {
    try {
      return await connect();
    } catch (error) {
      const opened = this.#opened;
      if (!isNoSlot(error) || opened === undefined) throw error;
      this.#forget(opened);
      // Those in use are ended once their work is done, which may be what waits for this very one.
      await Promise.race([(await opened).pool.end(), closingTime()]);
      return connect();
    }
  }

  #found(): Promise<Opened> {
    if (this.#opened !== undefined) return this.#opened;
    const opened = this.#open();
    this.#opened = opened;
    // A failure is not kept: the next one asked may find the server there.
    opened.catch(() => this.#forget(opened));
    return opened;
  }

  #forget(opened: Promise<Opened>): void {
    if (this.#opened === opened) this.#opened = undefined;
  }

  async #withConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const { client, role } = await this.#connect();
    // Its failure reaches the query that runs; without a listener it would end the process as well.
    const ignore = () => {};
    client.on("error", ignore);
    let healthy = false;
    try {
      const result = await work(new Connection(client, role));
      healthy = true;
      return result;
    } catch (error) {
      // After the server's own refusals a connection is good for more; after anything else nobody knows.
      healthy = isRefusal(error);
      throw error;
    } finally {
      client.off("error", ignore);
      client.release(!healthy);
      this.#slots.release();
    }
  }

  /** The server is looked for again when it no longer answers: another one may have taken over. */
  #connect(): Promise<{ readonly client: pg.PoolClient; readonly role: string | undefined }> {
    return this.#slots.take(async () => {
      const opened = this.#found();
      try {
        const { pool, role } = await opened;
        return { client: await pool.connect(), role };
      } catch (error) {
        if (!isNoSlot(error) && this.#opened === opened) {
          this.#forget(opened);
          // Closes once its last client is back.
          opened.then(({ pool }) => pool.end()).catch(() => {});
        }
        throw error;
      }
    });
  }

  async #open(): Promise<Opened> {
    const { host, ...found } = await findServer(this.#target);
    this.server = describeHosts([host]);
    const pool = new pg.Pool({
      ...found.config,
      Client,
      max: this.#target.connectionLimit,
      allowExitOnIdle: true,
    });
    pools.add(pool);
    // An idle connection that the server closes is replaced on the next use; without a listener it would end the process.
    pool.on("error", () => {});
    return { ...found, pool };
  }
}

async function connected(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new Client(config);
  client.on("error", () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}
