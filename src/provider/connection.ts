import type { ConnectionSettings } from "../database/connection/settings";
import type { Database, Product } from "../database/database";
import { openDatabase } from "../database/open";
import { ScramError } from "../scram/error";
import type { Json, Provider } from "./wire";

type Config = { get(key: string): string | undefined };

/** The key of the connection in stack config and in the arguments of an explicit provider instance. */
const CONFIG_KEY = "scram:connection";
/** Set by the `Provider` class only: tells its arguments from the stack config, which yields to the environment. */
const EXPLICIT_KEY = "scram:explicit";

/**
 * The database for a resource; the first of these that is set: its own `connection`, its provider instance, the
 * environment (SCRAM_DATABASE_URL, or PGHOST with libpq's other variables), stack config. The environment comes before
 * the config since `pulumi refresh` and `destroy` hand over the config *recorded* at the last `up`.
 *
 * @throws ScramError `connection-missing`, and what openDatabase throws
 */
export async function databaseFor(
  own: Json | undefined,
  config: Config | undefined,
  env = process.env,
): Promise<Database> {
  const configured = config?.get(CONFIG_KEY);
  if (own !== undefined) return openDatabase(own as ConnectionSettings);
  if (configured && config?.get(EXPLICIT_KEY)) return openDatabase(parse(configured));
  if (env.SCRAM_DATABASE_URL) return openDatabase(env.SCRAM_DATABASE_URL);
  // Only PGHOST says "this server": a PGUSER left in a shell must not beat the stack's own connection.
  if (env.PGHOST) return openDatabase(null);
  if (configured) return openDatabase(parse(configured));
  throw new ScramError("connection-missing", "no database to connect to", {
    hint: "run `pulumi config set --secret scram:connection postgresql://…`, or set SCRAM_DATABASE_URL or PGHOST",
  });
}

/** Pulumi hands objects in config over as JSON. */
function parse(configured: string): ConnectionSettings {
  if (!configured.startsWith("{")) return configured;
  try {
    return JSON.parse(configured);
  } catch {
    throw new ScramError("connection-url", "scram:connection looks like JSON but is not");
  }
}

/** What the operations of a provider share: the config they were given, and how to get to the database with it. */
export function connector(): Pick<Provider, "configure"> & {
  open(own: Json | undefined): Promise<Database>;
} {
  let config: Config | undefined;
  return {
    // Nothing more: the SDK does not wait for it before the first operations of a refresh or destroy.
    configure(request) {
      config = request.config;
    },
    open: (own) => databaseFor(own, config),
  };
}

/** A server that does not tell its identity counts as the same. */
export function isSameServer(recorded: string | null | undefined, found: string | null): boolean {
  return recorded == null || found === null || recorded === found;
}

/**
 * @param what for the message: "the settings"
 * @throws ScramError `wrong-product`
 */
export function requireProduct(database: Database, product: Product, what: string): void {
  if (database.product === product) return;
  throw new ScramError(
    "wrong-product",
    `${what} are for ${product}, but the server at ${database.server} is ${database.product}`,
    { hint: `declare \`product: "${database.product}"\`, or correct the connection` },
  );
}
