import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { AlternatingUsers, Provider } from "pulumi-scram";

const provider = new Provider("server", {
  connection: new pulumi.Config("scram").requireSecret("connection"),
});

const shop = new AlternatingUsers(
  "shop",
  {
    // `pulumi config set rotation 2026-12`: any other value is a rotation.
    rotation: new pulumi.Config().require("rotation"),
    password: (username, turn) =>
      new random.RandomPassword(username, { length: 32, keepers: { turn: turn.apply(String) } }).result,
  },
  { provider },
);

// For the application's secret store. The other role stays valid until the next rotation.
export const username = shop.current.username;
export const password = shop.current.password;
// Owns what both roles create.
export const owner = shop.owner;
