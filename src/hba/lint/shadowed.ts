import { describeEntry } from "../describe";
import type { Dialect } from "../dialect";
import { type EffectiveRule, effectiveConfiguration } from "../match/effective";
import type { HbaEntry, HbaFile } from "../model";
import { EarlierRules, waysOf } from "./earlier-rules";
import { type HbaFinding, info, warning } from "./finding";

/** Rules, and users in a rule's list, that no login reaches because earlier rules match all of it. */
export function shadowed(file: HbaFile): HbaFinding[] {
  const { lines, notUsed } = effectiveConfiguration(file);
  if (notUsed !== undefined) return [];
  const earlier = new EarlierRules(file.dialect);
  return lines
    .filter((line) => line.kind === "rule")
    .flatMap((rule) => {
      const findings = rule.origin === "text" ? shadowedRule(rule, earlier, file.dialect) : [];
      earlier.add(rule);
      return findings;
    });
}

function shadowedRule({ entry }: EffectiveRule, earlier: EarlierRules, dialect: Dialect): HbaFinding[] {
  const byUser = entry.users.map((user) => {
    const ways = waysOf(entry, user, dialect);
    const rules = ways.map((way) => earlier.firstCovering(way)).filter((rule) => rule !== undefined);
    return {
      user,
      shadow: ways.length > 0 && rules.length === ways.length ? [...new Set(rules)] : undefined,
    };
  });
  if (byUser.every(({ shadow }) => shadow !== undefined)) {
    return [unreachable(entry, [...new Set(byUser.flatMap(({ shadow = [] }) => shadow))])];
  }
  return byUser.flatMap(({ user, shadow }) =>
    shadow === undefined
      ? []
      : [
          warning(
            "user-unreachable",
            user,
            `\`${user.raw}\` never gets to this rule, for ${name(shadow)} always comes first`,
          ),
        ],
  );
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

function name(rules: readonly EffectiveRule[]): string {
  return rules
    .map(({ line, entry }) =>
      line === undefined
        ? `CockroachDB's own rule (\`${describeEntry(entry)}\`)`
        : `line ${line} (\`${describeEntry(entry)}\`)`,
    )
    .join(" or ");
}
