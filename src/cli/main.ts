#!/usr/bin/env node
import { inspect } from "node:util";
import { closeConnections } from "../database/session/session";
import { makePrintable, printable } from "../printable";
import { run } from "./run";
import { processIo } from "./terminal/io";
import { STATUS } from "./terminal/status";

process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
  // Whoever reads us may have seen enough (`| head`).
  if (code === "EPIPE") process.exit();
  process.stderr.write(`pulumi-scram: cannot write to standard output [${code}]\n`);
  process.exit(STATUS.trouble);
});
// Nobody is left to be told; the status says it.
process.stderr.on("error", () => {});

run(process.argv.slice(2), processIo()).then(
  async (status) => {
    await closeConnections();
    process.exitCode = status;
  },
  (bug) => {
    makePrintable(bug);
    process.stderr.write(`${inspect(bug).split("\n").map(printable).join("\n")}\n`);
    // Node's own status for it is 1, which would be a no.
    process.exitCode = STATUS.trouble;
  },
);
