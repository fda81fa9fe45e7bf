import type { Duplex } from "node:stream";
import {
  Body,
  Framing,
  type Message,
  ProtocolViolation,
  readFields,
  readRefusal,
  unexpected,
} from "./backend-message";

/** The messages of a server up to its first ReadyForQuery, one at a time, each read when it is asked for. */
export class Incoming {
  readonly #stream: Duplex;
  readonly #framing = new Framing("RENSKZ");
  readonly #whole: Message[] = [];
  #spoke = false;
  #isAsked = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  /** Whether the server has asked for anything: until then no password was of use to it. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /**
   * The next message, notices left out.
   *
   * @param types of the messages that may come now
   * @throws ServerRefusal, ProtocolViolation, the stream's error
   */
  async next(types: string): Promise<Message> {
    try {
      for (;;) {
        const message = await this.#next();
        if (message.type === "E") throw readRefusal(message);
        if (message.type === "N") readFields(new Body(message));
        else if (!types.includes(message.type)) throw new ProtocolViolation(unexpected(message.type));
        this.#spoke = true;
        if (message.type === "R") this.#isAsked = true;
        if (message.type !== "N") return message;
      }
    } catch (error) {
      if (error instanceof ProtocolViolation && !this.#spoke)
        throw new ProtocolViolation(error.message, "NOT_POSTGRESQL");
      throw error;
    }
  }

  /** Puts back what came after the last message, for another reader. */
  leave(): void {
    const rest = Buffer.concat([...this.#whole.map(({ bytes }) => bytes), this.#framing.rest]);
    if (rest.length > 0) this.#stream.unshift(rest);
  }

  async #next(): Promise<Message> {
    for (;;) {
      const message = this.#whole.shift();
      if (message !== undefined) return message;
      this.#whole.push(...this.#framing.push(await nextPiece(this.#stream)));
    }
  }
}

/** What arrives next; the stream is paused before and after. */
export function nextPiece(stream: Duplex): Promise<Buffer> {
  const piece = arrival<Buffer>(stream, "data");
  // At once: what comes in the same turn would go to nobody.
  stream.once("data", () => stream.pause());
  stream.resume();
  return piece;
}

/** Waits for an event of a stream. @throws its error, or that it was closed */
export function arrival<T>(stream: Duplex, event: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onEvent = (value: T) => settle(() => resolve(value));
    const onError = (error: Error) => settle(() => reject(error));
    const onClose = () => settle(() => reject(stream.errored ?? new Error("Connection terminated")));
    function settle(act: () => void): void {
      stream.off(event, onEvent).off("error", onError).off("close", onClose);
      act();
    }
    stream.on(event, onEvent).on("error", onError).on("close", onClose);
    if (stream.destroyed) onClose();
  });
}
