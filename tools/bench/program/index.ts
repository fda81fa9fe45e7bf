import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { Provider, ScramUserSet } from "pulumi-scram";

const provider = new Provider("server", {
  connection: new pulumi.Config("scram").requireSecret("connection"),
});

const names = Array.from({ length: new pulumi.Config().requireNumber("users") }, (_, i) => `user_${i}`);
const password = (name: string) => createHash("sha256").update(name).digest("base64url");

new ScramUserSet(
  "users",
  { users: Object.fromEntries(names.map((name) => [name, { password: password(name) }])) },
  { provider },
);
