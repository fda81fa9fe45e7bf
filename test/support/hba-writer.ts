import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export interface WriteOutcome {
  readonly written: boolean;
  readonly message?: string;
}

/** A process that writes HBA rules, as the provider's does. */
export interface HbaWriter {
  /** With `product` filled in. Rejects when the process is killed meanwhile. */
  write(args: object): Promise<WriteOutcome>;
  kill(): Promise<void>;
}

/** Killed when the test is over, if not before. */
export async function startHbaWriter(url: string): Promise<HbaWriter> {
  const writer = fork(join(import.meta.dirname, "hba-writer-process.mts"), [url], { silent: true });
  const kill = async () => {
    if (writer.exitCode !== null || writer.signalCode !== null) return;
    writer.kill("SIGKILL");
    await once(writer, "exit");
  };
  onTestFinished(kill);
  await answerOf(writer);
  return {
    write: (args) => {
      writer.send({ product: "postgresql", ...args });
      return answerOf<WriteOutcome>(writer);
    },
    kill,
  };
}

function answerOf<T>(writer: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error("the writer's process has ended"));
    writer.once("exit", ended);
    writer.once("message", (message: T) => {
      writer.off("exit", ended);
      resolve(message);
    });
  });
}
