import { cut } from "../../printable";
import { describeEntry, MAX_QUOTED } from "../describe";
import { type EffectiveRule, effectiveConfiguration } from "../match/effective";
import type { HbaEntry, HbaFile } from "../model";
import { EarlierRules } from "./earlier-rules";
import { type HbaFinding, info, warning } from "./finding";

/** Rules, and users in a rule's list, that no login reaches because earlier rules match all of it. */
export function shadowed(file: HbaFile): HbaFinding[] {
  const { lines, notUsed } = effectiveConfiguration(file);
  if (notUsed !== undefined) return [];
  const earlier = new EarlierRules(file.dialect);
  const findings: HbaFinding[] = [];
  for (const rule of lines.filter((line) => line.kind === "rule")) {
    if (rule.origin === "text") findings.push(...shadowedRule(rule, earlier));
    earlier.add(rule);
    if (earlier.areUsedUp) return [...findings, notCompared(rule)];
  }
  return findings;
}

function notCompared({ entry }: EffectiveRule): HbaFinding {
  return info(
    "rules-not-compared",
    entry.connection.token,
    "From here on, rules are not compared with those before them: there are too many names, networks or expressions in their lists",
  );
}

function shadowedRule({ entry }: EffectiveRule, earlier: EarlierRules): HbaFinding[] {
  const shadows = earlier.covering(entry);
  if (shadows.every((shadow) => shadow !== undefined))
    return [unreachable(entry, [...new Set(shadows.flat())])];
  return entry.users.flatMap((user, i) => {
    const shadow = shadows[i];
    return shadow === undefined
      ? []
      : [
          warning(
            "user-unreachable",
            user,
            `\`${user.raw}\` never gets to this rule, for ${name(shadow)} always comes first`,
          ),
        ];
  });
}

function unreachable(entry: HbaEntry, shadow: readonly EffectiveRule[]): HbaFinding {
  const { token } = entry.connection;
  const same = shadow.every((rule) => methodText(rule.entry) === methodText(entry));
  return same
    ? info("rule-redundant", token, `The rule changes nothing, for ${name(shadow)} already does the same`)
    : warning(
        "rule-unreachable",
        token,
        `No login reaches this rule, for ${name(shadow)} always comes first`,
      );
}

function methodText({ method, options }: HbaEntry): string {
  return [method.value, ...options.map((option) => option.token.value)].join(" ");
}

/** More of them tell no more. */
const MAX_NAMED = 3;

function name(rules: readonly EffectiveRule[]): string {
  const named = rules
    .slice(0, MAX_NAMED)
    .map(({ line, text, entry }) =>
      line === undefined
        ? `CockroachDB's own rule (\`${describeEntry(entry)}\`)`
        : `line ${line} (\`${cut(text, MAX_QUOTED)}\`)`,
    );
  const more = rules.length - named.length;
  return [...named, ...(more > 0 ? [`one of ${more} more`] : [])].join(" or ");
}
