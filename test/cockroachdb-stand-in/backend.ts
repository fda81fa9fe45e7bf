import { Socket } from "node:net";
import pg from "pg";
import { serialize } from "pg-protocol";
import type { DatabaseError, DataRowMessage, RowDescriptionMessage } from "pg-protocol/dist/messages.js";
import { Parser } from "pg-protocol/dist/parser.js";
import { type Frame, readFrame } from "./wire/read";
import { SqlError } from "./wire/sql-error";

/** A row with its values as the server writes them. */
export type Row = Readonly<Record<string, string | null>>;

/** Runs one statement on PostgreSQL; errors are {@link SqlError}. */
export type Sql = (text: string) => Promise<readonly Row[]>;

/** A session's own connection to the PostgreSQL behind: raw, so that what passes through stays as it is. */
export class Backend {
  /** Of the session: I: idle, T: in a transaction, E: in a failed one. */
  status = "I";
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The driver logs in; then its socket is ours. @param variables of the session */
  static async open(url: string, variables: Readonly<Record<string, string>>): Promise<Backend> {
    const socket = new Socket();
    // In the startup message, so that RESET goes back to these.
    const options = Object.entries(variables)
      .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\ ]/g, "\\$&")}`)
      .join(" ");
    const client = new pg.Client({ connectionString: url, options, stream: () => socket });
    client.on("error", () => {});
    await client.connect();
    socket.removeAllListeners("data");
    socket.pause();
    return new Backend(socket);
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** The next message of PostgreSQL; keeps `status` up to date. */
  async read(): Promise<Frame> {
    const frame = await readFrame(this.#socket);
    if (frame === undefined)
      throw new SqlError("08006", "the PostgreSQL behind the stand-in closed the connection");
    if (frame.type === "Z") this.status = frame.bytes.toString("latin1", 5);
    return frame;
  }

  /** A statement of our own on this connection, in whatever transaction it is in. */
  readonly sql: Sql = async (text) => {
    this.write(serialize.query(text));
    const reader = new ResultReader();
    for (;;) {
      const frame = await this.read();
      if (frame.type === "Z") return reader.result();
      reader.read(frame);
    }
  };

  close(): void {
    this.#socket.destroy();
  }
}

/** Collects the answer to a simple query. */
class ResultReader {
  readonly #parser = new Parser();
  readonly #rows: Row[] = [];
  #columns: string[] = [];
  #error: SqlError | undefined;

  read(frame: Frame): void {
    this.#parser.parse(frame.bytes, (message) => {
      if (message.name === "rowDescription") {
        this.#columns = (message as RowDescriptionMessage).fields.map(({ name }) => name);
      } else if (message.name === "dataRow") {
        const values: (string | null)[] = (message as DataRowMessage).fields;
        this.#rows.push(Object.fromEntries(this.#columns.map((column, i) => [column, values[i] ?? null])));
      } else if (message.name === "error") {
        const { code = "XX000", message: text, detail, hint } = message as DatabaseError;
        this.#error = new SqlError(code, text, { detail, hint });
      }
    });
  }

  result(): readonly Row[] {
    if (this.#error !== undefined) throw this.#error;
    return this.#rows;
  }
}
