import { type HbaEntry, type Product, parseHbaLeniently } from "../../hba";
import { describeEntry } from "../../hba/describe";
import { dialectOf } from "../../hba/dialect";
import { effectiveConfiguration, replacesRootRule } from "../../hba/match/effective";

/** By which no server ever sees a password, and nobody comes in without proof. */
const METHODS: Readonly<Record<Product, readonly string[]>> = {
  cockroachdb: ["scram-sha-256", "cert-scram-sha-256", "cert", "peer", "reject"],
  postgresql: ["scram-sha-256", "cert", "peer", "reject"],
};

/** Why strict isolation does not allow what the server would go by, a sentence each. */
export function* rulesToLeaveOut(text: string, product: Product): Iterable<string> {
  const { lines, notUsed } = effectiveConfiguration(parseHbaLeniently(text, product));
  if (notUsed !== undefined) return yield notUsed;
  const first = lines.find((line) => line.kind === "rule" && line.origin === "text");
  for (const line of lines) {
    if (line.kind === "include")
      yield `line ${line.line} of the rules (\`${line.text}\`): what the file holds is not known; write its rules out`;
    else if (line.origin === "text") {
      if (METHODS[product].includes(line.entry.method.value)) continue;
      if (line === first && isRootRule(line.entry, product)) continue;
      yield `line ${line.line} of the rules (\`${line.text}\`): with the method ${line.entry.method.value} a server may see a password, ask another server, or ask nothing; strict isolation allows ${METHODS[product].join(", ")}`;
    } else if (!isBuiltInAlways(line.entry, product))
      yield `without rules CockroachDB goes by its default, \`${describeEntry(line.entry)}\`, by which it may see a password; declare rules`;
  }
}

/** CockroachDB adds these to any text. */
function isBuiltInAlways(entry: HbaEntry, product: Product): boolean {
  return entry.connection.type === "loopback" || replacesRootRule(entry, dialectOf(product));
}

/** CockroachDB puts it first in any case, for root alone. */
function isRootRule(entry: HbaEntry, product: Product): boolean {
  return product === "cockroachdb" && entry.users.length === 1 && replacesRootRule(entry, dialectOf(product));
}
