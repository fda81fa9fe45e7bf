import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startPostgres } from "../../tools/postgres/server.mts";
import { createAuthority } from "../support/certificates";
import { Stack } from "../support/stack";

/** What PostgreSQL logs where a client goes without a word. */
const BROKEN_OFF = /could not receive data from client|unexpected EOF/;

it("no connection over TLS is broken off at the end of a command: nothing of that is in the server's log", async () => {
  const { cert, key } = createAuthority().issueServer("localhost");
  const server = await startPostgres(
    { ssl: "on", log_connections: "on" },
    { "server.crt": cert, "server.key": key },
  );
  try {
    const url = `${server.url}?sslmode=require`;
    const env = { SCRAM_DATABASE_URL: url };
    const stack = await Stack.create(`
      const { AuthSettings, ScramUser, ScramUserSet } = require("pulumi-scram");
      for (const name of ["a", "b", "c"]) new ScramUser(name, { password: "Canary-pw" });
      new ScramUserSet("set", { users: { d: { password: "Canary-pw" } } });
      new AuthSettings("settings", { product: "postgresql", passwordEncryption: "scram-sha-256" });
    `);
    const sessions = () => {
      const log = readFileSync(server.logFile, "utf8");
      return { begun: log.split("connection authorized").length - 1, broken: BROKEN_OFF.test(log) };
    };

    for (const command of ["up", "refresh", "destroy"]) {
      const before = sessions().begun;
      await stack.succeed([command, "--yes", "--skip-preview"], env);
      expect([command, sessions().begun > before, sessions().broken]).toEqual([command, true, false]);
    }
    for (const command of [["users", "--url"], ["hba", "lint", "--url"], ["userlist", "--url"], ["probe"]]) {
      const main = join(import.meta.dirname, "../../dist/cli/main.js");
      const { status } = spawnSync("node", [main, ...command, url], { encoding: "utf8" });
      expect([command, status === 2, sessions().broken]).toEqual([command, false, false]);
    }
  } finally {
    await server.stop();
  }
});
