import type { Answer, Situation } from "./fake-server";

/** What a server says in place of the right answer, by what is wrong with it. */
export type WrongAnswers = Readonly<Record<string, (right: Situation["right"]) => Answer>>;

/** A message of this type, with a body, and with its length or another. */
export function message(type: string, body: Buffer | string = "", length?: number): Buffer {
  const bytes = Buffer.from(body as string, "latin1");
  const head = Buffer.alloc(5);
  head.write(type, "latin1");
  head.writeUInt32BE(length ?? 4 + bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

const always = (bytes: Buffer) => () => ({ send: bytes });
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const error = (fields: string) => message("E", `${fields}\0`);
const refusal = (code: string) => error(`SFATAL\0VFATAL\0C${code}\0Mno\0`);

/** Says nothing more, nothing at all, or something that no PostgreSQL says. */
const OTHERS: Readonly<Record<string, Answer>> = {
  closes: { next: "closes" },
  hangs: {},
  "the banner of an SSH server": { send: Buffer.from("SSH-2.0-OpenSSH_9.6\r\n") },
  "the banner of a mail server": { send: Buffer.from("220 mail.example.com ESMTP\r\n") },
  "HTTP, and closes": {
    send: Buffer.from("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
    next: "closes",
  },
  "MySQL's greeting": { send: Buffer.from("\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0", "latin1") },
  "a TLS alert": { send: Buffer.from([0x15, 3, 3, 0, 2, 2, 40]) },
  zeros: { send: Buffer.alloc(64) },
  ones: { send: Buffer.alloc(64, 0xff) },
  "a letter, and hangs": { send: Buffer.from("R") },
  "half a header, and closes": { send: Buffer.from("R\0\0"), next: "closes" },
  "half a message, and hangs": { send: message("E", "SFATAL", 40) },
};

const LENGTHS = [0, 3, 5, 0x7fffffff, 0x80000000, 0xffffffff];

/** Every type that a server can send, and three that none has. */
const TYPES = [..."123ACDEGHIKNRSTVWZcdnstv", "x", "\0", "\xff"];
const BODIES: Readonly<Record<string, Buffer>> = {
  "nothing in it": Buffer.alloc(0),
  "one zero in it": Buffer.alloc(1),
  "sixteen ones in it": Buffer.alloc(16, 0xff),
  "sixteen zeros in it": Buffer.alloc(16),
};

const MESSAGES: Readonly<Record<string, Buffer>> = {
  ...Object.fromEntries(
    [..."RENSKZTD"].flatMap((type) =>
      LENGTHS.map((length) => [`${type} of ${length} bytes`, message(type, "", length)]),
    ),
  ),
  ...Object.fromEntries(
    TYPES.flatMap((type) =>
      Object.entries(BODIES).map(([what, body]) => [
        `${JSON.stringify(type)} with ${what}`,
        message(type, body),
      ]),
    ),
  ),
  ...Object.fromEntries(
    [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 99].map((code) => [
      `a request for authentication of code ${code}`,
      message("R", int32(code)),
    ]),
  ),
  "a request for SASL without an end": message("R", Buffer.concat([int32(10), Buffer.from("SCRAM-SHA-256")])),
  "a request for SASL by nothing we know": message(
    "R",
    Buffer.concat([int32(10), Buffer.from("OAUTHBEARER\0\0")]),
  ),
  "a ReadyForQuery too early": message("Z", "I"),
  "a ReadyForQuery in a transaction": message("Z", "T"),
  "a ReadyForQuery in no state": message("Z", "?"),
  "a NOTICE, and GSSAPI": Buffer.concat([
    message("N", "SNOTICE\0C00000\0Mhello\0\0"),
    message("R", int32(7)),
  ]),
  "a hundred thousand NOTICEs, and nothing": Buffer.alloc(
    3_000_000,
    message("N", "SNOTICE\0C00000\0Mhello\0\0"),
  ),
  "a NOTICE, and nothing": message("N", "SNOTICE\0C00000\0Mhello\0\0"),
  "an error without fields": error(""),
  "an error without a code": error("SFATAL\0Mno\0"),
  "an error with the name of a method for a code": error("SFATAL\0Cconstructor\0Mno\0"),
  "an error with another one": error("SFATAL\0C__proto__\0Mno\0"),
  "an error without an end": message("E", "SFATAL\0C28P01\0Mno"),
  "two errors": Buffer.concat([refusal("28P01"), refusal("28000")]),
  "28P01": refusal("28P01"),
  "28000": refusal("28000"),
  "53300": refusal("53300"),
  "57P03": refusal("57P03"),
  XX000: refusal("XX000"),
  "99999": refusal("99999"),
};

/** At any moment. */
export const WRONG_ANSWERS: WrongAnswers = {
  ...Object.fromEntries(Object.entries(OTHERS).map(([name, answer]) => [name, () => answer])),
  ...Object.fromEntries(Object.entries(MESSAGES).map(([name, bytes]) => [name, always(bytes)])),
  "the right answer without its last byte, and hangs": (right) => ({ send: right.subarray(0, -1) }),
  "the right answer without its last byte, and closes": (right) => ({
    send: right.subarray(0, -1),
    next: "closes",
  }),
  "the right answer, a byte longer than it says": (right) => ({
    send: Buffer.concat([right, Buffer.alloc(1)]),
  }),
  "the right answer, with a length of one less": (right) => ({ send: lengthened(right, -1) }),
  "the right answer, with a length of one more": (right) => ({
    send: Buffer.concat([lengthened(right, 1), right]),
  }),
  "the right answer twice": (right) => ({ send: Buffer.concat([right, right]), next: "goes on" }),
  "the right answer behind a ReadyForQuery": (right) => ({
    send: Buffer.concat([message("Z", "I"), right]),
    next: "goes on",
  }),
};

/** The first message with another length. */
function lengthened(right: Buffer, by: number): Buffer {
  const bytes = Buffer.from(right);
  if (bytes.length >= 5) bytes.writeInt32BE(bytes.readInt32BE(1) + by, 1);
  return bytes;
}

/** The messages of the right answer, changed one by one. */
const changed = (right: Buffer, type: string, change: (body: Buffer) => Buffer): Buffer => {
  const messages: Buffer[] = [];
  for (let at = 0; at < right.length; ) {
    const end = at + 1 + right.readUInt32BE(at + 1);
    const found = right.subarray(at, end);
    const isOne = found.toString("latin1", 0, 1) === type;
    messages.push(isOne ? message(type, change(Buffer.from(found.subarray(5)))) : found);
    at = end;
  }
  return Buffer.concat(messages);
};

/** In place of a part of AuthenticationSASLContinue or -Final, which has its text behind a code. */
const sasl = (change: (text: string) => string) => (right: Buffer) => ({
  send: changed(right, "R", (body) =>
    body.length === 4
      ? body
      : Buffer.concat([body.subarray(0, 4), Buffer.from(change(body.toString("latin1", 4)), "latin1")]),
  ),
});

export const WRONG_FIRST: WrongAnswers = Object.fromEntries(
  Object.entries<(text: string) => string>({
    "no nonce": (text) => text.replace(/r=[^,]*,/, ""),
    "another nonce": (text) => text.replace(/r=./, "r=!"),
    "no more of a nonce than ours": (text) => text.replace(/(r=.{32})[^,]*/, "$1"),
    "no salt": (text) => text.replace(/s=[^,]*,/, ""),
    "an empty salt": (text) => text.replace(/s=[^,]*/, "s="),
    "a salt of another alphabet": (text) => text.replace(/s=[^,]*/, "s=????"),
    "no iterations": (text) => text.replace(/,i=.*/, ""),
    "iterations in words": (text) => text.replace(/i=.*/, "i=many"),
    "no iteration": (text) => text.replace(/i=.*/, "i=0"),
    "one iteration": (text) => text.replace(/i=.*/, "i=1"),
    "a negative iteration": (text) => text.replace(/i=.*/, "i=-1"),
    "two thousand million iterations": (text) => text.replace(/i=.*/, "i=2147483648"),
    "more iterations than a number holds": (text) => text.replace(/i=.*/, `i=${"9".repeat(400)}`),
    "an extension that we must know": (text) => `m=x,${text}`,
    "its parts in another order": (text) => text.split(",").reverse().join(","),
    "no UTF-8": (text) => `${text},x=\xff\xfe`,
    "a NUL": (text) => `${text},x=\0`,
    "60,000 bytes": (text) => `${text},x=${"y".repeat(60_000)}`,
    nothing: () => "",
  }).map(([name, change]) => [`a server-first-message with ${name}`, sasl(change)]),
);

export const WRONG_FINAL: WrongAnswers = {
  ...Object.fromEntries(
    Object.entries<(text: string) => string>({
      "another signature": (text) => text.replace(/v=./, (found) => (found === "v=A" ? "v=B" : "v=A")),
      "half a signature": (text) => text.replace(/v=.*/, "v=AAAA"),
      "no signature": () => "v=",
      "an error": () => "e=invalid-proof",
      "an error that nobody knows": () => "e=\x1b[31m",
      nothing: () => "",
    }).map(([name, change]) => [`a server-final-message with ${name}`, sasl(change)]),
  ),
  "the login's success without the server's proof": (right) => ({
    send: right.subarray(1 + right.readUInt32BE(1)),
  }),
  "the login's success before the server's proof": (right) => {
    const end = 1 + right.readUInt32BE(1);
    return { send: Buffer.concat([right.subarray(end), right.subarray(0, end)]) };
  },
  "the server's proof twice": (right) => ({
    send: Buffer.concat([right.subarray(0, 1 + right.readUInt32BE(1)), right]),
  }),
};

/** Of rows: each changes one thing about them. */
export const WRONG_ROWS: WrongAnswers = Object.fromEntries(
  Object.entries<(right: Buffer) => Buffer>({
    "without a description": (right) => without(right, "T"),
    "that never end": (right) => without(right, "Z"),
    "described as none": (right) => changed(right, "T", int16At(0, 0)),
    "described as less than none": (right) => changed(right, "T", int16At(0, -1)),
    "described as many": (right) => changed(right, "T", int16At(0, 0x7fff)),
    "described without an end": (right) => changed(right, "T", (body) => body.subarray(0, -1)),
    "described as binary": (right) => changed(right, "T", int16At(-2, 1)),
    "of no field": (right) => changed(right, "D", () => Buffer.alloc(2)),
    "of one field more": (right) =>
      changed(right, "D", (body) => Buffer.concat([int16At(0, body.readInt16BE() + 1)(body), int32(-1)])),
    "of less than no field": (right) => changed(right, "D", int16At(0, -1)),
    "of a field longer than the row": (right) => changed(right, "D", int16At(2, 0x7fff)),
    "of a field of less than no byte": (right) => changed(right, "D", int16At(2, -2)),
    "with something behind the last field": (right) =>
      changed(right, "D", (body) => Buffer.concat([body, Buffer.alloc(1)])),
    "completed without an end": (right) => changed(right, "C", (body) => body.subarray(0, -1)),
  }).map(([name, change]) => [
    `rows ${name}`,
    (right) => ({ send: change(right), next: "goes on" as const }),
  ]),
);

/** Overwrites a number in a body, counted from its end where that is negative. */
function int16At(offset: number, value: number): (body: Buffer) => Buffer {
  return (body) => {
    if (body.length >= 4) body.writeInt16BE(value, offset < 0 ? body.length + offset : offset);
    return body;
  };
}

function without(right: Buffer, type: string): Buffer {
  const messages: Buffer[] = [];
  for (let at = 0; at < right.length; ) {
    const end = at + 1 + right.readUInt32BE(at + 1);
    if (right.toString("latin1", at, at + 1) !== type) messages.push(right.subarray(at, end));
    at = end;
  }
  return Buffer.concat(messages);
}
