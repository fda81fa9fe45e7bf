import { type HbaEntry, type Product, parseHbaLeniently } from "../../hba";
import { describeEntry } from "../../hba/describe";
import { dialectOf } from "../../hba/dialect";
import { replacesRootRule } from "../../hba/match/effective";
import { rulesOf } from "../../hba/model";

/** By which no server ever sees a password, and nobody comes in without proof. */
const METHODS: Readonly<Record<Product, readonly string[]>> = {
  cockroachdb: ["scram-sha-256", "cert-scram-sha-256", "cert", "peer", "reject"],
  postgresql: ["scram-sha-256", "cert", "peer", "reject"],
};

/** Rules that strict isolation does not allow, a sentence each. */
export function* rulesToLeaveOut(text: string, product: Product): Iterable<string> {
  const rules = rulesOf(parseHbaLeniently(text, product));
  for (const [i, { line, entry }] of rules.entries()) {
    if (METHODS[product].includes(entry.method.value) || isRootRule(entry, i, product)) continue;
    yield `line ${line} of the rules (\`${describeEntry(entry)}\`): with the method ${entry.method.value} a server may see a password, ask another server, or ask nothing; strict isolation allows ${METHODS[product].join(", ")}`;
  }
}

/** CockroachDB puts it there in any case, for root alone. */
function isRootRule(entry: HbaEntry, place: number, product: Product): boolean {
  return (
    product === "cockroachdb" &&
    place === 0 &&
    entry.users.length === 1 &&
    replacesRootRule(entry, dialectOf(product))
  );
}
