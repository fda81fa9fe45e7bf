/**
 * `npm run demo`: the quickstart example on a real PostgreSQL, from first deployment to password rotation. Everything
 * is in temporary folders and gone at the end, also after Ctrl-C.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import pg from "pg";
import { configSetSecret } from "../engine/config-set.mts";
import { chooseEngine, realEngine } from "../engine/engine.mts";
import { createProject, type Project } from "../engine/project.mts";
import { type PostgresServer, startPostgres } from "../postgres/server.mts";
import { UserError } from "../user-error.mts";
import { say, showCommand } from "./narrate.mts";
import { newPassword } from "./new-password.mts";

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => interrupted.abort());
// Whoever reads along, as `| head` does, may go at any time.
process.stdout.on("error", () => interrupted.abort());

let project: Project | undefined;
let server: PostgresServer | undefined;

try {
  const { values } = parseArgs({ options: { engine: { type: "string" } } });
  if (values.engine !== undefined && values.engine !== "pulumi")
    throw new UserError(
      "--engine takes `pulumi`, the real CLI; left out, it is the stand-in where none is on PATH",
    );
  const engine = await (values.engine === "pulumi" ? realEngine() : chooseEngine(process.env));
  say(engine.choice);
  project = createProject(engine, {
    "Pulumi.yaml": { copy: "Pulumi.yaml" },
    "examples/quickstart": { copy: "examples/quickstart" },
  });
  say("Starting a real PostgreSQL 18 in a temporary folder.");
  const { url, port, logFile } = await start();
  const [first, second] = [newPassword(), newPassword()];
  await pulumi("stack", "init", "demo");
  await pulumi(...configSetSecret("scram:connection", url));
  await pulumi(...configSetSecret("appPassword", first));

  say("What would be done? Two users, and their passwords as secrets:");
  await pulumi("preview");
  say("Do it. The server is sent verifiers, never a password:");
  await pulumi("up", "--yes", "--skip-preview");
  await logIn(port, "app", first, true);

  say("Again: the passwords are compared with the recorded verifiers, and nothing is to be done.");
  await pulumi("up", "--yes", "--skip-preview");

  say("A new password for app. The preview shows the rotation, and neither password nor verifier:");
  await pulumi(...configSetSecret("appPassword", second));
  await pulumi("preview", "--diff");
  await pulumi("up", "--yes", "--skip-preview");
  await logIn(port, "app", first, false);
  await logIn(port, "app", second, true);

  say("Clean up: the users are dropped.");
  await pulumi("destroy", "--yes", "--skip-preview");
  const leaks = readFileSync(logFile, "utf8").match(new RegExp(`${first}|${second}`, "g")) ?? [];
  if (leaks.length > 0) throw new UserError("the server's log holds a password");
  say(
    `Done, on ${engine.name === "pulumi" ? "the Pulumi CLI" : "the stand-in"}. Neither password is in the server's log of statements.`,
  );
} catch (error) {
  if (interrupted.signal.aborted) say("Interrupted; cleaning up.");
  else if (error instanceof UserError) console.error(`\nThe demo failed: ${error.message}.`);
  else throw error;
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
} finally {
  await project?.remove();
  await server?.stop();
}

async function start(): Promise<PostgresServer> {
  server = await startPostgres();
  interrupted.signal.throwIfAborted();
  return server;
}

/** Runs one command as a user would type it, and stops the demo where it fails. */
async function pulumi(...args: string[]): Promise<void> {
  interrupted.signal.throwIfAborted();
  showCommand(["pulumi", ...args]);
  const run = await project?.run(args, { onOutput: (text) => process.stdout.write(text) });
  interrupted.signal.throwIfAborted();
  if (run?.code !== 0)
    throw new UserError(`\`pulumi ${args[0]}\` ended with ${run?.code}, for the reason above`);
}

/** Logs in over TCP; the server's HBA rules allow SCRAM only. */
async function logIn(port: number, user: string, password: string, expected: boolean): Promise<void> {
  interrupted.signal.throwIfAborted();
  const client = new pg.Client({
    host: "127.0.0.1",
    port,
    user,
    password,
    database: "postgres",
  });
  const refusal = await client.connect().then(
    () => undefined,
    (error: Error) => error.message,
  );
  await client.end();
  if ((refusal === undefined) !== expected)
    throw new UserError(`login as ${user}: ${refusal ?? "accepted, though the password is old"}`);
  say(
    refusal === undefined
      ? `Login as ${user} over SCRAM-SHA-256: accepted.`
      : `Login as ${user} with the old password: ${refusal}.`,
  );
}
