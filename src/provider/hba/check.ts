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
import { failure, fieldFailures } from "../protocol/fields";
import {
  type CheckFailure,
  type CheckResult,
  hasUnknown,
  isRecord,
  type Props,
  UNKNOWN,
} from "../protocol/wire";
import { FIELDS } from "./fields";
import { keyLines, textOfLines } from "./lines";
import { fromProps, toProps } from "./state";

/**
 * Turns the rules into the lines of a text and refuses what the server would; what is only unwise is told at apply.
 *
 * @param olds the inputs recorded last
 */
export function checkHba(olds: Props, news: Props): CheckResult {
  const { __provider, ...given } = news;
  const args = withRecordedRules(given, olds);
  const failures = wrongArguments(args);
  if (failures.length > 0) return { inputs: {}, failures };

  if ([args.rules, args.text, args.product, args.secretRules].some(hasUnknown))
    return { inputs: { ...toProps(fromProps(args)), rules: UNKNOWN, secretRules: UNKNOWN } };
  const product = args.product as Product;
  const text = rulesText(args, product);
  if (typeof text !== "string") return { inputs: {}, failures: [text] };
  const problem = textProblem(text);
  if (problem !== undefined) return { inputs: {}, failures: failure(`text ${problem}`) };
  const isSecret = args.secretRules === true || holdsSecret(parseHbaLeniently(text, product));
  const refused = lintHba(text, product).filter(({ severity }) => severity === "error");
  if (refused.length > 0)
    return { inputs: {}, failures: refused.flatMap((finding) => failure(sentenceOf(finding, isSecret))) };
  const rules = keyLines(fromProps(olds).rules, text);
  return { inputs: toProps({ ...fromProps(args), rules, secretRules: isSecret }) };
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
      reason: "rules must be a list of rules of the form { type, user, address, method }",
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

function wrongArguments(args: Props): CheckFailure[] {
  const failures = fieldFailures("an HbaConfig", FIELDS, args);
  if ((args.rules === undefined) === (args.text === undefined))
    failures.push(...failure("give the rules either as rules or as text"));
  if (args.onDelete === "reset" && args.product === "postgresql")
    failures.push(
      ...failure(
        "onDelete cannot be reset on PostgreSQL, which has no built-in rules to go back to; use restore",
      ),
    );
  return failures;
}
