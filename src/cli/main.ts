#!/usr/bin/env node
import { processIo } from "./io";
import { run } from "./run";

// Whoever reads us may have seen enough (`| head`).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

run(process.argv.slice(2), processIo()).then((status) => {
  process.exitCode = status;
});
