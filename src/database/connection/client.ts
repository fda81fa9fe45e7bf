import { EventEmitter } from "node:events";
import pg from "pg";
import { Answers } from "./login/answers";
import { ProtocolViolation } from "./login/backend-message";
import { connectionOf, type DriverConnection } from "./login/driver";
import { DEFAULT_RULES, type LoginRules } from "./login/login-rules";
import { isSocketFolder, logIn, reach, startupParameters } from "./login/start-up";
import { describeHosts } from "./parameters/target";

/** The driver's configuration, and what it lacks. */
export type ClientConfig = pg.ClientConfig & { readonly rules?: LoginRules };

/** Terminate (PostgreSQL documentation, 54.7). */
const TERMINATE = Buffer.from("X\0\0\0\x04");

/** More than a local buffer needs to take five bytes. */
const GOODBYE_MS = 1_000;

/**
 * The driver's client for queries. Connecting and logging in is done without it, and what it reads after that is made sure of
 * before: whatever a server sends, connecting or the query that runs fails, and nothing else.
 */
export class Client extends pg.Client {
  constructor(config: ClientConfig = {}) {
    super(config);
    // Connecting and querying tell of it; without a listener it would end the process as well.
    this.on("error", () => {});
    const connection = connectionOf(this);
    connection.connect = () => {
      connection._connecting = true;
      this.#open(connection, config).catch((error) => {
        connection.stream.destroy();
        connection.emit("error", error);
        connection.emit("end");
      });
    };
    connection.end = () => connection.stream.destroy();
  }

  async #open(connection: DriverConnection, config: ClientConfig): Promise<void> {
    const { ssl = false, sslnegotiation, password, rules = DEFAULT_RULES } = config;
    const { host, port, user = "" } = this;
    await reach(connection, { host, port, ssl: ssl === true ? {} : ssl, sslnegotiation });
    const isLocal = isSocketFolder(host);
    const server = describeHosts([{ host, port }]);
    // Not the driver's own parameters, which take more from the environment than is documented here.
    await logIn(connection, startupParameters(this, config), { user, password, rules, server, isLocal });
    handOver(connection);
  }
}

/** From here on the driver hears, as if it had done it itself. */
function handOver(connection: DriverConnection): void {
  const { stream } = connection;
  const answers = new Answers();
  const driver = new EventEmitter();
  connection.attachListeners(driver);
  const { query, sync } = connection;
  connection.query = (text) => {
    answers.expect();
    query.call(connection, text);
  };
  connection.sync = () => {
    answers.expect();
    sync.call(connection);
  };
  connection.end = () => {
    // Like libpq: who does not close its side keeps nobody waiting.
    const close = () => stream.destroy();
    stream.setTimeout(GOODBYE_MS, close).end(TERMINATE, close);
  };
  stream
    .on("data", (piece: Buffer) => {
      try {
        for (const { bytes } of answers.push(piece)) driver.emit("data", bytes);
      } catch (error) {
        stream.destroy();
        const violation = new ProtocolViolation("a message that cannot be read");
        connection.emit("error", error instanceof ProtocolViolation ? error : violation);
      }
    })
    .on("error", (error) => connection.emit("error", error))
    .on("close", () => connection.emit("end"));
  connection.emit("readyForQuery", { status: "I" });
  stream.resume();
}
