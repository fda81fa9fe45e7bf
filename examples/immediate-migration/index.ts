import type { Resource } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import { Provider, ScramUserSet } from "pulumi-scram";

const provider = new Provider("server", {
  connection: new pulumi.Config("scram").requireSecret("connection"),
});

const config = new pulumi.Config();
// The passwords that users have: `pulumi config set --secret passwords '{ "shop": "…" }'`
const passwords = JSON.parse(config.require("passwords")) as Record<string, string>;
// Each login by SCRAM costs the client 10,610 rounds of hashing: not everybody at once. `pulumi config set batches 2`
const size = config.getNumber("size") ?? 100;
const batches = config.getNumber("batches") ?? Number.POSITIVE_INFINITY;

const names = Object.keys(passwords).sort();
const sets: Resource[] = [];
for (let batch = 0; batch * size < names.length && batch < batches; batch++) {
  const users = names
    .slice(batch * size, (batch + 1) * size)
    .map((name) => [name, { password: pulumi.secret(passwords[name] as string) }]);
  sets.push(
    new ScramUserSet(
      `batch-${batch + 1}`,
      // The same password, kept here as a verifier from now on; the roles are there, and stay at `destroy`.
      { defaults: { adopt: true }, users: Object.fromEntries(users) },
      { provider, dependsOn: sets.slice(-1) },
    ),
  );
}
