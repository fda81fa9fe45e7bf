/**
 * `npm run demo`: the quickstart example on a real PostgreSQL, from first deployment to password rotation. Everything
 * is in temporary folders and gone at the end, also after Ctrl-C.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import pg from "pg";
import { findEngine } from "../engine/engine.mts";
import { createProject } from "../engine/project.mts";
import { type PostgresServer, startPostgres } from "../postgres/server.mts";
import { say, showCommand, showOutput } from "./narrate.mts";

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => interrupted.abort());

const engine = findEngine();
say(
  engine.name === "pulumi"
    ? "Using the Pulumi CLI on your PATH, with a temporary backend: your login and stacks are not touched."
    : "There is no Pulumi CLI on PATH: a small stand-in (tools/local-engine) drives the same SDK and provider.",
);
const project = createProject({
  "Pulumi.yaml": { copy: "Pulumi.yaml" },
  "examples/quickstart": { copy: "examples/quickstart" },
});
let server: PostgresServer | undefined;

try {
  say("Starting a real PostgreSQL 18 in a temporary folder.");
  const { url, port, logFile } = await start();
  const [first, second] = [newPassword(), newPassword()];
  await pulumi("stack", "init", "demo");
  await pulumi("config", "set", "--secret", "scram:connection", url);
  await pulumi("config", "set", "--secret", "appPassword", first);

  say("What would be done? Two users, and their passwords as secrets:");
  await pulumi("preview");
  say("Do it. The server is sent verifiers, never a password:");
  await pulumi("up", "--yes", "--skip-preview");
  await logIn(port, "app", first, true);

  say("Again: the passwords are compared with the recorded verifiers, and nothing is to be done.");
  await pulumi("up", "--yes", "--skip-preview");

  say("A new password for app. The preview shows the rotation, and neither password nor verifier:");
  await pulumi("config", "set", "--secret", "appPassword", second);
  await pulumi("preview", "--diff");
  await pulumi("up", "--yes", "--skip-preview");
  await logIn(port, "app", first, false);
  await logIn(port, "app", second, true);

  say("Clean up: the users are dropped.");
  await pulumi("destroy", "--yes", "--skip-preview");
  const leaks = readFileSync(logFile, "utf8").match(new RegExp(`${first}|${second}`, "g")) ?? [];
  if (leaks.length > 0) throw new Error("the server's log holds a password");
  say("Done. Neither password is in the server's log of statements.");
} catch (error) {
  if (!interrupted.signal.aborted) throw error;
  say("Interrupted; cleaning up.");
  process.exitCode = 130;
} finally {
  await project.remove();
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
  const { code } = await project.run(args, { onOutput: showOutput });
  interrupted.signal.throwIfAborted();
  if (code !== 0) throw new Error(`pulumi ${args[0]} ended with ${code}`);
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
    throw new Error(`login as ${user}: ${refusal ?? "accepted, though the password is old"}`);
  say(
    refusal === undefined
      ? `Login as ${user} over SCRAM-SHA-256: accepted.`
      : `Login as ${user} with the old password: ${refusal}.`,
  );
}

function newPassword(): string {
  return randomBytes(12).toString("base64url");
}
