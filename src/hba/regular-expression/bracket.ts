import { escapeClass, Invalid, NotEvaluated, peek, type Source } from "./source";

type Accepts = (character: string) => boolean;

/** POSIX classes in the C collation: ASCII only. */
const POSIX: Record<string, RegExp> = {
  alpha: /^[A-Za-z]$/,
  digit: /^[0-9]$/,
  alnum: /^[A-Za-z0-9]$/,
  upper: /^[A-Z]$/,
  lower: /^[a-z]$/,
  space: /^[ \t\n\v\f\r]$/,
  xdigit: /^[0-9A-Fa-f]$/,
};

/** A bracket expression, its `[` read already. */
export function readBracket(source: Source): Accepts {
  const negated = peek(source) === "^";
  if (negated) source.at++;
  const items: Accepts[] = [];
  for (let first = true; first || peek(source) !== "]"; first = false) items.push(item(source));
  source.at++;
  return (character) => items.some((accepts) => accepts(character)) !== negated;
}

function item(source: Source): Accepts {
  const start = peek(source);
  if (start === "") throw new Invalid("brackets [] not balanced");
  const posix = start === "[" ? posixClass(source) : undefined;
  if (posix !== undefined) return posix;
  source.at++;
  if (start === "\\") return escapedItem(source);
  const end = source.characters[source.at + 1];
  if (peek(source) !== "-" || end === undefined || end === "]") return (character) => character === start;
  if (end === "[" || end === "\\") throw new NotEvaluated();
  source.at += 2;
  const [low, high] = [codePoint(start), codePoint(end)];
  if (low > high) throw new Invalid("invalid character range");
  return (character) => codePoint(character) >= low && codePoint(character) <= high;
}

/** In advanced expressions a backslash escapes inside brackets too; as the start of a range it is left alone. */
function escapedItem(source: Source): Accepts {
  const accepts = escapeClass(source);
  const end = source.characters[source.at + 1];
  if (peek(source) === "-" && end !== "]") throw new NotEvaluated();
  return accepts;
}

function posixClass(source: Source): Accepts | undefined {
  const rest = source.characters.slice(source.at, source.at + 12).join("");
  if (!/^\[[:.=]/.test(rest)) return undefined;
  const [all = "", name = ""] = /^\[:([a-z]+):\]/.exec(rest) ?? [];
  const members = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
  if (members === undefined) throw new NotEvaluated();
  source.at += all.length;
  return (character) => members.test(character);
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}
