import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { AuthSettings, HbaConfig, Provider, ScramUser } from "pulumi-scram";

// A superuser of a PostgreSQL that you run yourself: `pulumi config set --secret scram:connection postgresql://…`
const provider = new Provider("server", {
  connection: new pulumi.Config("scram").requireSecret("connection"),
});

// What the server hashes itself, it hashes as we do.
const settings = new AuthSettings(
  "passwords",
  { product: "postgresql", passwordEncryption: "scram-sha-256", scramIterations: 10_610 },
  { provider },
);

const users = ["app", "reporting", "migrations"].map((name) => {
  const password = new random.RandomPassword(name, { length: 32 });
  return new ScramUser(name, { password: password.result }, { provider });
});

// Once all have a verifier, nothing but SCRAM. Whoever this would lock out stops the deployment, by name.
new HbaConfig(
  "hba",
  {
    product: "postgresql",
    // From elsewhere the superuser is to be locked out.
    allowLockout: ["postgres"],
    rules: [
      {
        type: "host",
        user: "postgres",
        address: "127.0.0.1/32",
        method: "scram-sha-256",
        comment: "from here",
      },
      { type: "host", user: "migrations", address: "10.1.0.0/16", method: "scram-sha-256" },
      { type: "host", user: ["app", "reporting"], address: "all", method: "scram-sha-256" },
    ],
  },
  { provider, dependsOn: [settings, ...users] },
);
