import * as pulumi from "@pulumi/pulumi";
import { AuthSettings, Provider } from "pulumi-scram";

// A superuser of PostgreSQL, or whoever has MODIFYCLUSTERSETTING on CockroachDB.
const provider = new Provider("server", {
  connection: new pulumi.Config("scram").requireSecret("connection"),
});

// Nothing is done to the users. How far they are: `pulumi-scram users --json | jq .summary.toConvert`
new AuthSettings(
  "passwords",
  new pulumi.Config().require("product") === "cockroachdb"
    ? {
        product: "cockroachdb",
        passwordEncryption: "scram-sha-256",
        // A login with the password in clear makes a SCRAM verifier of a bcrypt hash.
        upgradeBcryptStoredPasswordsToScram: true,
      }
    : // PostgreSQL keeps an md5 hash until the user gets another password: from then on it is SCRAM.
      { product: "postgresql", passwordEncryption: "scram-sha-256" },
  { provider },
);
