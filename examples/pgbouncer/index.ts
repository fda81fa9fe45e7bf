import { chmodSync, writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Provider, ScramUser } from "pulumi-scram";

const provider = new Provider("server", {
  connection: new pulumi.Config("scram").requireSecret("connection"),
});

const user = (name: string) => {
  const password = new random.RandomPassword(name, { length: 32, special: false }).result;
  return { password, role: new ScramUser(name, { password }, { provider }) };
};

// With a file: PgBouncer (auth_type = scram-sha-256, auth_file) has the verifier, and logs in to the server with it.
const shop = user("shop");
pulumi
  .all([shop.role.username, shop.role.verifier])
  .apply(([name, verifier]) => toFile("userlist.txt", `"${name}" "${verifier}"\n`));

// With a query: PgBouncer asks the server, as a user of its own, whose password it needs in plain text.
const bouncer = user("pgbouncer");
pulumi
  .all([bouncer.role.username, bouncer.password])
  .apply(([name, password]) => toFile("auth_user.txt", `"${name}" "${password}"\n`));

/** A secret, for its owner alone; not in a preview. */
function toFile(path: string, text: string): void {
  if (pulumi.runtime.isDryRun()) return;
  writeFileSync(path, text, { mode: 0o600 });
  chmodSync(path, 0o600);
}
