/**
 * `npm run bench [-- hashing users deployment hba --users N --one-by-one N]`: what many users and many HBA rules cost, in time and in
 * memory, on servers of its own; by default all parts. Everything is in
 * temporary folders and gone at the end, also after Ctrl-C. Speed is shown and never asserted.
 */
import { availableParallelism } from "node:os";
import { benchDeployment } from "./deployment.mts";
import { benchHashing } from "./hashing.mts";
import { benchHba } from "./hba.mts";
import { parseOptions } from "./options.mts";
import { text } from "./print.mts";
import { benchUsers } from "./users.mts";

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => interrupted.abort());

// A connection left in the shell is none of the bench's.
for (const name of Object.keys(process.env)) if (/^(PG|SCRAM_)/.test(name)) delete process.env[name];

const options = parseOptions(process.argv.slice(2));
const { parts } = options;

try {
  text(`Node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} cores.`);
  if (parts.has("hashing")) await benchHashing(interrupted.signal);
  if (parts.has("users") || parts.has("deployment"))
    text(
      "Calls go over gRPC to the dynamic-provider process of the Pulumi SDK, a fresh one for each line, and not through an " +
        "engine with its checkpoints. check: all are new. again: check and diff, nothing has changed. rotate: the updates alone.",
    );
  if (parts.has("users")) await benchUsers(options, interrupted.signal);
  if (parts.has("deployment")) await benchDeployment(options, interrupted.signal);
  if (parts.has("hba")) await benchHba(interrupted.signal);
} catch (error) {
  console.error(interrupted.signal.aborted ? "Interrupted; all is stopped." : error);
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
}
