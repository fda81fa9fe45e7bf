import { UserError } from "../../errors";
import {
  type HbaFinding,
  type HbaRule,
  holdsSecret,
  lintHba,
  type Product,
  parseHbaLeniently,
  renderRules,
} from "../../hba";
import { textProblem } from "../../scram/text";
import { connectionFailure } from "../connection/connection-rule";
import {
  type CheckFailure,
  type CheckResult,
  compact,
  hasUnknown,
  isRecord,
  type Json,
  type Props,
  secret,
  UNKNOWN,
} from "../protocol/wire";
import { keyLines, textOfLines } from "./lines";
import { fromProps } from "./state";

const PRODUCTS = ["cockroachdb", "postgresql"];
const CHOICES: Readonly<Record<string, readonly Json[]>> = {
  product: PRODUCTS,
  guard: ["on", "strict", "warn", "off"],
  onDelete: ["restore", "reset", "leave"],
};
const ARGUMENTS = [
  "product",
  "rules",
  "text",
  "guard",
  "allowLockout",
  "onDelete",
  "connection",
  "secretRules",
];

/**
 * Turns the rules into the lines of a text and refuses what the server would; what is only unwise is told at apply.
 *
 * @param olds the inputs recorded last
 */
export function checkHba(olds: Props, news: Props): CheckResult {
  const { __provider, ...given } = news;
  const args = withRecordedRules(given, olds);
  const failures = [...wrongArguments(args)];
  if (failures.length > 0) return { inputs: {}, failures };

  const settings = {
    product: args.product,
    guard: args.guard ?? "on",
    allowLockout: args.allowLockout ?? [],
    onDelete: args.onDelete ?? "restore",
    connection: secret(args.connection),
  };
  if ([args.rules, args.text, args.product, args.secretRules].some(hasUnknown)) {
    return { inputs: compact({ ...settings, rules: UNKNOWN, secretRules: UNKNOWN }) };
  }
  const product = args.product as Product;
  const text = rulesText(args, product);
  if (typeof text !== "string") return { inputs: {}, failures: [text] };
  const problem = textProblem(text);
  if (problem !== undefined) return { inputs: {}, failures: [{ property: "", reason: `text ${problem}` }] };
  const isSecret = args.secretRules === true || holdsSecret(parseHbaLeniently(text, product));
  const refused = lintHba(text, product).filter(({ severity }) => severity === "error");
  if (refused.length > 0) {
    return {
      inputs: {},
      failures: refused.map((finding) => ({ property: "", reason: sentenceOf(finding, isSecret) })),
    };
  }
  const rules = keyLines(fromProps(olds).rules, text);
  return { inputs: compact({ ...settings, rules: isSecret ? secret(rules) : rules, secretRules: isSecret }) };
}

/** Under `ignoreChanges` the engine copies the recorded rules over the program's, or leaves none. */
function withRecordedRules(args: Props, olds: Props): Props {
  if (olds.rules === undefined) return args;
  const { rules, text, ...rest } = args;
  return isRecord(rules) || (rules === undefined && text === undefined)
    ? { ...rest, text: textOfLines(fromProps(olds).rules) }
    : args;
}

export function rulesText({ rules, text, secretRules }: Props, product: Product): string | CheckFailure {
  if (typeof text === "string") return text;
  if (text !== undefined) return { property: "", reason: "text must be the text of the HBA rules" };
  if (!Array.isArray(rules)) {
    return {
      property: "",
      reason: "rules must be a list of rules of the form { connection, user, address, method }",
    };
  }
  try {
    // Whether they are rules is judged there.
    return renderRules(rules as HbaRule[], product);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const reason =
      secretRules === true ? "the rules are refused (not shown why, because they are secret)" : error.message;
    return { property: "", reason };
  }
}

/**
 * A finding as a sentence. Of a line of rules that hold a password only the kind of mistake is told, since the words may
 * quote it; what is said of the text as a whole quotes none.
 */
export function sentenceOf({ line, code, message, hint }: HbaFinding, isSecret: boolean): string {
  const place = line === 0 ? "the HBA rules" : `line ${line} of the HBA rules`;
  if (isSecret && line > 0) {
    return `${place}: ${code} (not shown in full, because the rules hold a password; \`pulumi-scram hba lint\` tells the rest)`;
  }
  return `${place}: ${message}${hint === undefined ? "" : ` (${hint.replaceAll("\n", " ")})`}`;
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
      yield { property: "", reason: `${name} must be ${choices.join(" or ")}` };
    }
  }
  const { allowLockout } = args;
  const isNames = Array.isArray(allowLockout) && allowLockout.every((name) => typeof name === "string");
  if (allowLockout !== undefined && !hasUnknown(allowLockout) && !isNames) {
    yield { property: "", reason: "allowLockout must be a list of users" };
  }
  const connection = connectionFailure(args.connection);
  if (connection !== undefined) yield { property: "", reason: connection };
  if (args.product === undefined)
    yield { property: "", reason: `product is missing; it is ${PRODUCTS.join(" or ")}` };
  if ((args.rules === undefined) === (args.text === undefined)) {
    yield { property: "", reason: "give the rules either as rules or as text" };
  }
  if (args.onDelete === "reset" && args.product === "postgresql") {
    yield {
      property: "",
      reason:
        "onDelete cannot be reset on PostgreSQL, which has no built-in rules to go back to; use restore",
    };
  }
}
