import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { AuthSettings, HbaConfig, Provider, ScramUser } from "pulumi-scram";

// An administrator of a self-hosted cluster: `pulumi config set --secret scram:connection postgresql://root@…`
const provider = new Provider("cluster", {
  connection: new pulumi.Config("scram").requireSecret("connection"),
});

const settings = new AuthSettings(
  "passwords",
  {
    product: "cockroachdb",
    passwordEncryption: "scram-sha-256",
    storeClientPreHashedPasswords: true,
    // The cost that our verifiers have: with another one the cluster would ask clients for the password in clear text.
    defaultCostScramSha256: 10_610,
  },
  { provider },
);

const users = ["app", "reporting", "migrations"].map((name) => {
  const password = new random.RandomPassword(name, { length: 32 });
  return new ScramUser(name, { password: password.result }, { provider, dependsOn: settings });
});

// Once all have a verifier, nothing but SCRAM. Whoever this would lock out stops the deployment, by name.
new HbaConfig(
  "hba",
  {
    product: "cockroachdb",
    rules: [
      {
        type: "host",
        user: "root",
        address: "all",
        method: "cert-password",
        comment: "CockroachDB insists",
      },
      { type: "host", user: "migrations", address: "10.1.0.0/16", method: "scram-sha-256" },
      { type: "host", user: "all", address: "all", method: "cert-scram-sha-256" },
      { type: "local", user: "all", method: "scram-sha-256" },
    ],
  },
  { provider, dependsOn: [settings, ...users] },
);
