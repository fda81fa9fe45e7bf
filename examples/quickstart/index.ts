import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { ScramUser } from "pulumi-scram";

const config = new pulumi.Config();

// An application's user, with a password that somebody chose: `pulumi config set --secret appPassword …`
const app = new ScramUser("app", { password: config.requireSecret("appPassword") });

// A reporting user, with a password that nobody needs to see. To rotate it, change `keepers`.
const password = new random.RandomPassword("reporting", {
  length: 32,
  special: false,
  keepers: { rotated: "2026-11" },
});
const reporting = new ScramUser("reporting", {
  password: password.result,
  validUntil: "2027-12-31T00:00:00Z",
});

export const users = [app.username, reporting.username];
export const passwordsSoFar = { app: app.generation, reporting: reporting.generation };
export const reportingPassword = password.result;
