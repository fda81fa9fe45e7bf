import { once } from "node:events";
import type { Readable } from "node:stream";

/** A message of the protocol: its type letter, and all its bytes. */
export interface Frame {
  readonly type: string;
  readonly bytes: Buffer;
}

/** The part of a message after type and length. */
export function bodyOf(frame: Frame): Buffer {
  return frame.bytes.subarray(5);
}

/** The next message, or `undefined` when the other side is gone. */
export async function readFrame(stream: Readable): Promise<Frame | undefined> {
  const head = await readBytes(stream, 5);
  if (head === undefined) return undefined;
  const body = await readBytes(stream, head.readInt32BE(1) - 4);
  if (body === undefined) return undefined;
  return { type: head.toString("latin1", 0, 1), bytes: Buffer.concat([head, body]) };
}

/** What a connection begins with: no type letter, a length and a body. */
export async function readStartupPacket(stream: Readable): Promise<Buffer | undefined> {
  const head = await readBytes(stream, 4);
  return head && (await readBytes(stream, head.readInt32BE(0) - 4));
}

/** Never more than asked for, so that a TLS handshake that follows is left to TLS. */
async function readBytes(stream: Readable, count: number): Promise<Buffer | undefined> {
  if (count <= 0) return Buffer.alloc(0);
  for (;;) {
    const bytes: Buffer | null = stream.read(count);
    // At the end of the stream `read` gives what is left.
    if (bytes !== null) return bytes.length === count ? bytes : undefined;
    if (stream.readableEnded || stream.destroyed) return undefined;
    await moreOrEnd(stream);
  }
}

async function moreOrEnd(stream: Readable): Promise<void> {
  // One listener stays: with the last one gone, the stream would begin to flow and drop what comes.
  if (stream.listenerCount("readable") === 0) stream.on("readable", () => {});
  const settled = new AbortController();
  const events = ["readable", "end", "close"].map((event) => once(stream, event, { signal: settled.signal }));
  // An error or an abort rejects; either way there is nothing more to wait for.
  await Promise.race(events).catch(() => {});
  settled.abort();
  await Promise.allSettled(events);
}
