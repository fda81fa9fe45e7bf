import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Provider, ScramUser } from "pulumi-scram";

// The server, as its administrator: `pulumi config set --secret scram:connection postgresql://admin:…@host/db`
const provider = new Provider("server", {
  connection: new pulumi.Config("scram").requireSecret("connection"),
});

// An application's user, with a password that somebody chose: `pulumi config set --secret appPassword`
const app = new ScramUser(
  "app",
  { password: new pulumi.Config().requireSecret("appPassword") },
  { provider },
);

// A reporting user, with a password that nobody chose. To rotate it, change `keepers`.
const password = new random.RandomPassword("reporting", {
  length: 32,
  special: false,
  keepers: { rotated: "2026-11" },
});
const reporting = new ScramUser(
  "reporting",
  { password: password.result, validUntil: "2027-12-31T00:00:00Z" },
  { provider },
);

export const users = [app.username, reporting.username];
