import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Provider, ScramUser, ScramUserSet } from "pulumi-scram";

// The server, as its administrator: `pulumi config set --secret scram:connection postgresql://admin:…@host/db`
const provider = new Provider("server", {
  connection: new pulumi.Config("scram").requireSecret("connection"),
});

// A group that owns what the services share. Nobody logs in as it.
const owners = new ScramUser("shop_owners", { login: false }, { provider });

// A new month asks for new passwords: change it here alone and the preview fails until every service has another one.
const month = "2026-11";

const services = ["cart", "catalogue", "checkout", "search"];
const passwords = services.map(
  (name) => new random.RandomPassword(name, { length: 32, keepers: { month } }).result,
);

// One resource for all of them; the preview names exactly those that change.
const users = new ScramUserSet(
  "services",
  {
    defaults: {
      memberOf: [owners.username],
      settings: { statement_timeout: "30s", search_path: "shop, public" },
      rotationKey: month,
      passwordHistory: 5,
      minLength: 16,
      reassignOwnedTo: owners.username,
    },
    users: Object.fromEntries(
      services.map((name, i) => [name, { password: passwords[i] as pulumi.Output<string> }]),
    ),
  },
  { provider },
);

export const generations = users.users.apply((all) =>
  Object.fromEntries(Object.entries(all).map(([name, { generation }]) => [name, generation])),
);
