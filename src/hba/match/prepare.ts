import type { Dialect, Product } from "../dialect";
import { fileOf, type HbaSource } from "../source";
import { type EffectiveConfiguration, type EffectiveLine, effectiveConfiguration } from "./effective";
import type { Judgement } from "./judgement";
import type { HbaMatchContext, Visitor } from "./login";
import { judgeAddress } from "./match-address";
import { judgeDatabase, judgeUser } from "./match-entry";

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

export type Column = "address" | "database" | "user";

/** Whether a line matches as far as one column goes, so that lines are dropped once for all logins that agree in it. */
export function judgeColumn(
  line: EffectiveLine,
  column: Column,
  visitor: Visitor,
  { context, dialect }: PreparedRules,
): Judgement["matches"] {
  if (line.kind === "include") return "unknown";
  const { entry } = line;
  switch (column) {
    case "address":
      if ((entry.address === undefined) !== (visitor.ip === undefined)) return "no";
      return judgeAddress(entry.address, visitor, context).matches;
    case "database":
      return judgeDatabase(entry.databases, visitor, dialect).matches;
    case "user":
      return judgeUser(entry.users, visitor, dialect).matches;
  }
}
