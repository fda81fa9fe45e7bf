import pg from "pg";
import { type ConnectionSettings, clientConfig, describeTarget } from "./connection";
import { explainError } from "./errors";
import { withRetries } from "./retry";

/** Enough for role statements, which PostgreSQL hashes on one core each, and modest towards a small server's limit. */
const MAX_CONNECTIONS = 4;

/** Pooled connections to one target, as one user. */
export class Session {
  readonly server: string;
  readonly #user: string;
  readonly #pool: pg.Pool;

  constructor(settings: ConnectionSettings | null) {
    const config = clientConfig(settings);
    const { server, user } = describeTarget(config);
    this.server = server;
    this.#user = user;
    this.#pool = new pg.Pool({ ...config, max: MAX_CONNECTIONS, allowExitOnIdle: true });
    // An idle connection that the server closes is replaced on the next use; without a listener it would end the process.
    this.#pool.on("error", () => {});
  }

  /** @param action for the message when it fails: "could not {action} on …" */
  async run<T>(action: string, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    try {
      return await withRetries(() => this.#withClient(work));
    } catch (error) {
      throw explainError(error, { action, server: this.server, user: this.#user });
    }
  }

  /** As `run`, all or nothing: retried from its beginning, rolled back when it fails. */
  transaction<T>(action: string, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.run(action, async (client) => {
      await client.query("BEGIN");
      try {
        const result = await work(client);
        await client.query("COMMIT");
        return result;
      } catch (error) {
        // A connection that is gone has rolled back by itself; its own error says more than that of ROLLBACK.
        await client.query("ROLLBACK").catch(() => {});
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #withClient<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
    };
    client.on("error", onError);
    try {
      return await work(client);
    } finally {
      client.off("error", onError);
      client.release(broken);
    }
  }
}
