import {
  type HbaFinding,
  type HbaRule,
  holdsSecret,
  lintHba,
  type Product,
  parseHbaLeniently,
  renderRules,
} from "../../hba";
import { ScramError } from "../../scram/error";
import {
  type CheckFailure,
  type CheckResult,
  compact,
  hasUnknown,
  type Json,
  type Props,
  secret,
  UNKNOWN,
} from "../wire";
import { keyLines } from "./lines";
import { fromProps } from "./state";

const PRODUCTS = ["cockroachdb", "postgresql"];
const CHOICES: Readonly<Record<string, readonly Json[]>> = {
  product: PRODUCTS,
  guard: ["on", "warn", "off"],
  onDelete: ["restore", "reset"],
};
const ARGUMENTS = ["product", "rules", "text", "guard", "allowLockout", "onDelete", "connection"];

/**
 * Turns the rules into the lines of a text and refuses what the server would; what is only unwise is told at apply.
 *
 * @param olds the inputs recorded last
 */
export function checkHba(olds: Props, news: Props): CheckResult {
  const { __provider, ...args } = news;
  const failures = [...wrongArguments(args)];
  if (failures.length > 0) return { inputs: {}, failures };

  const settings = {
    product: args.product,
    guard: args.guard ?? "on",
    allowLockout: args.allowLockout ?? [],
    onDelete: args.onDelete ?? "restore",
    connection: args.connection === undefined ? undefined : secret(args.connection),
  };
  if (hasUnknown([args.rules ?? null, args.text ?? null, args.product ?? null])) {
    return { inputs: compact({ ...settings, rules: UNKNOWN, secretRules: UNKNOWN }) };
  }
  const product = args.product as Product;
  try {
    const text =
      typeof args.text === "string" ? args.text : renderRules(args.rules as unknown as HbaRule[], product);
    const refused = lintHba(text, product).filter(({ severity }) => severity === "error");
    if (refused.length > 0)
      return {
        inputs: {},
        failures: refused.map((finding) => ({ property: "", reason: sentenceOf(finding) })),
      };
    const secretRules = holdsSecret(parseHbaLeniently(text, product));
    const rules = keyLines(fromProps(olds).rules, text);
    return { inputs: compact({ ...settings, rules: secretRules ? secret(rules) : rules, secretRules }) };
  } catch (error) {
    if (error instanceof ScramError)
      return { inputs: {}, failures: [{ property: "", reason: error.message }] };
    throw error;
  }
}

/** A finding as a sentence; never with the rule itself, which can hold a password. */
export function sentenceOf({ line, message, hint }: HbaFinding): string {
  const place = line === 0 ? "the HBA rules" : `line ${line} of the HBA rules`;
  return `${place}: ${message}${hint === undefined ? "" : ` (${hint})`}`;
}

function* wrongArguments(args: Props): Generator<CheckFailure> {
  for (const [name, value] of Object.entries(args)) {
    const choices = CHOICES[name];
    if (!ARGUMENTS.includes(name)) {
      yield {
        property: "",
        reason: `${name} is not an argument of an HbaConfig; it takes ${ARGUMENTS.join(", ")}`,
      };
    } else if (choices && !hasUnknown(value) && !choices.includes(value)) {
      yield { property: name, reason: `must be ${choices.join(" or ")}` };
    }
  }
  if (args.product === undefined)
    yield { property: "", reason: `product is missing; it is ${PRODUCTS.join(" or ")}` };
  if ((args.rules === undefined) === (args.text === undefined)) {
    yield { property: "", reason: "give the rules either as rules or as text" };
  }
  if (args.onDelete === "reset" && args.product === "postgresql") {
    yield {
      property: "onDelete",
      reason: "cannot be reset on PostgreSQL, which has no rules of its own to go back to; use restore",
    };
  }
}
