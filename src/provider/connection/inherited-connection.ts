import type { ConnectionSettings } from "../../database/connection/parameters/settings";
import { variableOfServer } from "../../database/connection/parameters/values";
import { isUserError, UserError, userErrorIn } from "../../errors";
import { UNKNOWN } from "../protocol/wire";
import { checkConnection } from "./connection-rule";

export type Config = { get(key: string): string | undefined };
type Environment = NodeJS.ProcessEnv;

/** The key of the connection in stack config and in the arguments of an explicit provider instance. */
const CONFIG_KEY = "scram:connection";
/** Set by the `Provider` class only: tells its arguments from the stack config, which yields to the environment. */
const EXPLICIT_KEY = "scram:explicit";

/** The connection of a resource that has none of its own. */
interface Inherited {
  /** For messages, since the value is a secret: where to look. */
  readonly origin: string;
  /** As it was given; `null` for libpq's variables alone. */
  readonly given: string | null;
}

/**
 * The first of these that is set: the provider instance, the environment (SCRAM_DATABASE_URL, or PGHOST, PGHOSTADDR or
 * PGSERVICE with libpq's other variables), stack config. A Provider is meant even where its connection is empty, as from an unset variable: what comes
 * after it would be another server.
 */
export function inheritedConnection(config: Config | undefined, env: Environment): Inherited | undefined {
  const configured = config?.get(CONFIG_KEY);
  if (config?.get(EXPLICIT_KEY)) return { origin: "the Provider's connection", given: configured ?? "" };
  if (env.SCRAM_DATABASE_URL) return { origin: "SCRAM_DATABASE_URL", given: env.SCRAM_DATABASE_URL };
  const variable = variableOfServer(env);
  if (variable !== undefined)
    return { origin: `the connection of ${variable} and libpq's other variables`, given: null };
  return configured ? { origin: "the config scram:connection", given: configured } : undefined;
}

/**
 * What it says, judged without a server.
 *
 * @throws UserError that names the origin
 */
export function connectionSettings(
  { origin, given }: Inherited,
  env: Environment,
): ConnectionSettings | null {
  if (given !== null && ["", "{}"].includes(given.trim())) {
    throw new UserError("connection-url", `${origin} is empty`, {
      hint: "give it a PostgreSQL URL or the parts of one; where they come from a variable, see that it is set",
    });
  }
  try {
    const settings = given === null ? null : parse(given);
    checkConnection(settings, env);
    return settings;
  } catch (error) {
    if (!isUserError(error)) throw error;
    throw new UserError(error.code, `${origin} is refused: ${error.message}`);
  }
}

/** Why nothing can be reached by way of it, if so. None at all is nothing wrong: a preview works without a server. */
export function inheritedFailure(config: Config | undefined, env = process.env): string | undefined {
  const inherited = inheritedConnection(config, env);
  if (inherited === undefined || inherited.given === UNKNOWN) return undefined;
  return userErrorIn(() => connectionSettings(inherited, env));
}

/** Pulumi hands objects in config over as JSON. */
function parse(given: string): ConnectionSettings {
  if (!given.startsWith("{")) return given;
  try {
    return JSON.parse(given);
  } catch {
    throw new UserError("connection-url", "it looks like JSON but is not");
  }
}
