import type { Dialect, Product } from "../dialect";
import { fileOf, type HbaSource } from "../source";
import { type EffectiveConfiguration, effectiveConfiguration } from "./effective";
import type { HbaMatchContext } from "./login";

/** Rules made ready for many logins: what the server goes by is worked out once. */
export interface PreparedRules extends EffectiveConfiguration {
  readonly dialect: Dialect;
  readonly context: HbaMatchContext;
}

export function prepareRules(
  source: HbaSource,
  product: Product,
  context: HbaMatchContext = {},
): PreparedRules {
  const file = fileOf(source, product, context);
  return { ...effectiveConfiguration(file, context.build), dialect: file.dialect, context };
}
