import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Provider, StrictIsolation } from "pulumi-scram";

// A superuser of PostgreSQL, or an admin of CockroachDB: `pulumi config set --secret scram:connection postgresql://…`
const provider = new Provider("server", {
  connection: new pulumi.Config("scram").requireSecret("connection"),
});

const config = new pulumi.Config();
// 1, then 2, then 3, each with an `up`: `pulumi config set phase 2`
const phase = config.requireNumber("phase") as 1 | 2 | 3;

// Phase 3 wants another password of each user: what these are made for changes then.
const isolated = phase === 3 ? "since phase 3" : "before";
const password = (name: string) =>
  new random.RandomPassword(name, { length: 32, keepers: { isolated } }).result;

const server =
  config.require("product") === "cockroachdb"
    ? {
        product: "cockroachdb" as const,
        rules: [
          { type: "host", user: "root", address: "all", method: "cert-password" } as const,
          { type: "host", user: "all", address: "all", method: "cert-scram-sha-256" } as const,
        ],
      }
    : {
        product: "postgresql" as const,
        rules: [
          { type: "local", database: "all", user: "postgres", method: "peer" } as const,
          {
            type: "host",
            database: "all",
            user: "all",
            address: "all",
            method: "scram-sha-256",
          } as const,
        ],
      };

const isolation = new StrictIsolation(
  "main",
  {
    ...server,
    phase,
    // They have been there before, with passwords that the server knows.
    defaults: { adopt: true },
    users: { shop: { password: password("shop") }, reports: { password: password("reports") } },
  },
  { provider },
);

/** How far the server is, and each user. */
export const reached = isolation.phase;
export const users = isolation.users;
