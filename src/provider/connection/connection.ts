import type { ConnectionSettings } from "../../database/connection/parameters/settings";
import type { Database, Product } from "../../database/contract/database";
import { openDatabase } from "../../database/open";
import { closeConnections } from "../../database/session/session";
import { UserError } from "../../errors";
import type { Json, Provider } from "../protocol/wire";
import {
  type Config,
  connectionSettings,
  inheritedConnection,
  inheritedFailure,
} from "./inherited-connection";

/**
 * The database for a resource: by its own `connection`, or else by the one it inherits. There the environment comes before
 * the config since `pulumi refresh` and `destroy` hand over the config *recorded* at the last `up`.
 *
 * @throws UserError `connection-missing`, and what openDatabase throws
 */
export async function databaseFor(
  own: Json | undefined,
  config: Config | undefined,
  env = process.env,
): Promise<Database> {
  if (own !== undefined) return openDatabase(own as ConnectionSettings);
  const inherited = inheritedConnection(config, env);
  if (inherited !== undefined) return openDatabase(connectionSettings(inherited, env));
  throw new UserError("connection-missing", "no database to connect to", {
    hint: "run `pulumi config set --secret scram:connection postgresql://…`, or set SCRAM_DATABASE_URL, PGHOST, PGHOSTADDR or PGSERVICE",
  });
}

/** What the operations of a provider share: the config they were given, and how to get to the database with it. */
export function connector(): Pick<Provider, "configure"> & {
  open(own: Json | undefined): Promise<Database>;
  /** `check`, for resources that will get to a server: what they inherit is refused in the preview already. */
  judged(check: Provider["check"]): Provider["check"];
} {
  let config: Config | undefined;
  return {
    // Nothing more: the SDK does not wait for it before the first operations of a refresh or destroy.
    configure(request) {
      config = request.config;
    },
    open: async (own) => {
      closeOnInterrupt();
      try {
        return await databaseFor(own, config);
      } catch (error) {
        throw passwordRefused(error);
      }
    },
    judged: (check) => async (olds, news) => {
      const reason = news.connection === undefined ? inheritedFailure(config) : undefined;
      return reason === undefined ? check(olds, news) : { inputs: {}, failures: [{ property: "", reason }] };
    },
  };
}

/** `refresh` and `destroy` do not run the program: the password they have may be that of before the administrator's rotation. */
function passwordRefused(error: unknown): unknown {
  if (!(error instanceof UserError) || error.code !== "28P01") return error;
  return new UserError(error.code, error.withoutHint, {
    hint: "correct the connection's password (the Provider's or the resource's connection, SCRAM_DATABASE_URL, PGPASSWORD or scram:connection); `pulumi refresh` and `pulumi destroy` go by what the last `up` recorded: run `pulumi up` first, or add --run-program [28P01]",
  });
}

let listens = false;

/** The engine ends its provider processes with SIGINT and waits for five seconds (pulumi sdk/v3, plugin.go). */
function closeOnInterrupt(): void {
  if (listens) return;
  listens = true;
  process.once("SIGINT", async () => {
    await closeConnections();
    process.kill(process.pid, "SIGINT");
  });
}

/** A server that does not tell its identity counts as the same. */
export function isSameServer(recorded: string | null | undefined, found: string | null): boolean {
  return recorded == null || found === null || recorded === found;
}

/**
 * @param what for the message: "the settings"
 * @throws UserError `wrong-product`
 */
export function requireProduct(
  database: Pick<Database, "product" | "server">,
  product: Product,
  what: string,
): void {
  if (database.product === product) return;
  throw new UserError(
    "wrong-product",
    `${what} are for ${product}, but the server at ${database.server} is ${database.product}`,
    { hint: `declare \`product: "${database.product}"\`, or correct the connection` },
  );
}
