import { connect } from "node:net";

/** What the server asks a user for, by the code of its first message (PostgreSQL documentation, 53.7), or its refusal. */
const REQUESTS: Readonly<Record<number, string>> = {
  0: "nothing",
  3: "cleartext password",
  5: "md5 password",
  10: "SCRAM",
};

/** Asks to log in over TCP without TLS, and goes as soon as the server has said what it wants. */
export function authenticationRequest(port: number, user: string, database = "postgres"): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1").once("error", reject);
    socket.once("connect", () => socket.write(startupMessage({ user, database })));
    socket.once("data", (answer: Buffer) => {
      socket.destroy();
      if (answer.toString("latin1", 0, 1) === "R")
        resolve(REQUESTS[answer.readInt32BE(5)] ?? "something else");
      else resolve(/M([^\0]*)\0/.exec(answer.toString("utf8", 5))?.[1] ?? "something else");
    });
  });
}

function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
  const text = `${Object.entries(parameters).flat().join("\0")}\0\0`;
  const message = Buffer.alloc(8 + Buffer.byteLength(text));
  message.writeInt32BE(message.length, 0);
  message.writeInt32BE(3 << 16, 4);
  message.write(text, 8);
  return message;
}
