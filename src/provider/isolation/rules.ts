import { type HbaEntry, type Product, parseHbaLeniently } from "../../hba";
import { describeEntry } from "../../hba/describe";
import { dialectOf } from "../../hba/dialect";
import { type EffectiveLine, effectiveConfiguration, replacesRootRule } from "../../hba/match/effective";

/** By which no server ever sees a password, and nobody comes in without proof. */
const METHODS: Readonly<Record<Product, readonly string[]>> = {
  cockroachdb: ["scram-sha-256", "cert-scram-sha-256", "cert", "peer", "reject"],
  postgresql: ["scram-sha-256", "cert", "peer", "reject"],
};

/**
 * Why strict isolation does not allow what the server would go by, a sentence each.
 *
 * @param isSecret whether the rules hold a password: then no line is shown, nor what is said of one
 */
export function* rulesToLeaveOut(text: string, product: Product, isSecret: boolean): Iterable<string> {
  const { lines, notUsed } = effectiveConfiguration(parseHbaLeniently(text, product));
  if (notUsed !== undefined) {
    return yield isSecret ? `the server would not go by the rules${NOT_SHOWN}` : notUsed;
  }
  const lineOf = (line: EffectiveLine) =>
    `line ${line.line} of the rules${isSecret ? NOT_SHOWN : ` (\`${line.text}\`)`}`;
  const first = lines.find((line) => line.kind === "rule" && line.origin === "text");
  for (const line of lines) {
    if (line.kind === "include")
      yield `${lineOf(line)}: what the file holds is not known; write its rules out`;
    else if (line.origin === "text") {
      if (METHODS[product].includes(line.entry.method.value)) continue;
      if (line === first && isRootRule(line.entry, product)) continue;
      yield `${lineOf(line)}: with ${isSecret ? "its method" : `the method ${line.entry.method.value}`} a server may see a password, ask another server, or ask nothing; strict isolation allows ${METHODS[product].join(", ")}`;
    } else if (!isBuiltInAlways(line.entry, product))
      yield `without rules CockroachDB goes by its default, \`${describeEntry(line.entry)}\`, by which it may see a password; declare rules`;
  }
}

const NOT_SHOWN =
  " (not shown, because the rules hold a password or are marked as a secret; `pulumi-scram hba lint` tells the rest)";

/** CockroachDB adds these to any text. */
function isBuiltInAlways(entry: HbaEntry, product: Product): boolean {
  return entry.connection.type === "loopback" || replacesRootRule(entry, dialectOf(product));
}

/** CockroachDB puts it first in any case, for root alone. */
function isRootRule(entry: HbaEntry, product: Product): boolean {
  return product === "cockroachdb" && entry.users.length === 1 && replacesRootRule(entry, dialectOf(product));
}
