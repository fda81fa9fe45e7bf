import { checkValue, type Environment, PARAMETER_NAMES, PARAMETERS, type ParameterName } from "./parameters";
import { readService } from "./service";
import type { Given } from "./settings";

export interface Value {
  readonly text: string;
  /** The parameter and where its value is from, for a message. */
  readonly subject: string;
}

export type Values = { readonly [name in ParameterName]?: Value };

/**
 * The value of each parameter: what is given, then the service's, then the environment's. An empty one counts as none, as in
 * libpq.
 *
 * @throws UserError `connection-url` for a value that is not taken, `connection-service`
 */
export function collectValues(given: Given, env: Environment): Values {
  const values: Partial<Record<ParameterName, Value>> = {};
  const add = (more: Given, subject: (name: ParameterName) => string) => {
    for (const name of PARAMETER_NAMES) {
      const text = more[name];
      if (text) values[name] ??= { text, subject: subject(name) };
    }
  };
  add(given, (name) => `the database connection's ${name}`);
  const service = given.service || env.PGSERVICE;
  if (service)
    add(readService(service, env), (name) => `the ${name} of the service ${JSON.stringify(service)}`);
  add(fromEnvironment(env), (name) => `${PARAMETERS[name].variable} in the environment`);
  // The old name of one sslmode, which libpq still knows.
  if (env.PGREQUIRESSL?.startsWith("1"))
    values.sslmode ??= { text: "require", subject: "PGREQUIRESSL in the environment" };

  for (const name of PARAMETER_NAMES) {
    const value = values[name];
    if (value !== undefined) checkValue(name, value.text, value.subject);
  }
  return values;
}

function fromEnvironment(env: Environment): Given {
  const given: Given = {};
  for (const name of PARAMETER_NAMES) {
    const { variable } = PARAMETERS[name];
    const value = variable === undefined ? undefined : env[variable];
    if (value !== undefined) given[name] = value;
  }
  return given;
}

/** The variable that says "this server": a PGUSER left in a shell must not beat a connection that is declared. */
export function variableOfServer(env: Environment): string | undefined {
  return ["PGHOST", "PGHOSTADDR", "PGSERVICE"].find((variable) => env[variable]);
}
