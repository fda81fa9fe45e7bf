import { readBracket } from "./bracket";
import { type Bounds, quantifier, refuseQuantifier } from "./quantifier";
import { escapeClass, Invalid, NotEvaluated, peek, type Source } from "./source";

/**
 * PostgreSQL's `/…` names are advanced regular expressions (src/backend/regex): unanchored, case-sensitive, in the C
 * collation. This evaluates the part of the language that people use in a pg_hba.conf. The rest (back references,
 * look-around, word boundaries, embedded options, collating elements) is "not evaluated".
 *
 * A compiled expression maps the positions where a match may begin to those where it may end, so that no expression
 * can take exponential time, whatever it repeats.
 */
type Matcher = (from: ReadonlySet<number>, text: readonly string[]) => Set<number>;

/** An expression that is evaluated here. */
export interface RegularExpression {
  matches(text: string): boolean;
  /** How often it steps through a text at most. */
  readonly cost: number;
}

/** Nothing when it is not evaluated or not valid. */
export function compileRegularExpression(pattern: string): RegularExpression | undefined {
  const compiled = compile(pattern);
  if (compiled instanceof Error) return undefined;
  const { match, cost } = compiled;
  return {
    cost,
    matches: (text) => {
      const characters = Array.from(text);
      const everywhere = new Set(characters.keys()).add(characters.length);
      return match(everywhere, characters).size > 0;
    },
  };
}

/** Whether the expression matches; undefined when it is not evaluated or not valid. */
export function matchesRegularExpression(pattern: string, text: string): boolean | undefined {
  return compileRegularExpression(pattern)?.matches(text);
}

/** What the server finds wrong with an expression, in its words; undefined when nothing is known to be. */
export function checkRegularExpression(pattern: string): string | undefined {
  const compiled = compile(pattern);
  return compiled instanceof Invalid ? compiled.message : undefined;
}

function compile(pattern: string): Part | Invalid | NotEvaluated {
  const source: Source = { characters: Array.from(pattern), at: 0 };
  try {
    if (/^(?:\*\*\*|\(\?[a-z]*\))/.test(pattern)) throw new NotEvaluated();
    const matcher = alternatives(source, 0);
    if (source.at < source.characters.length) throw new Invalid("parentheses () not balanced");
    if (matcher.cost > MAX_COST) throw new NotEvaluated();
    return matcher;
  } catch (error) {
    if (error instanceof Invalid || error instanceof NotEvaluated) return error;
    throw error;
  }
}

/** A matcher and how often it steps through the text at most, which bounds the time. */
interface Part {
  readonly match: Matcher;
  readonly cost: number;
}

const MAX_DEPTH = 50;
const MAX_COST = 100_000;

function alternatives(source: Source, depth: number): Part {
  if (depth > MAX_DEPTH) throw new NotEvaluated();
  const branches = [branch(source, depth)];
  while (source.characters[source.at] === "|") {
    source.at++;
    branches.push(branch(source, depth));
  }
  return {
    match: (from, text) => new Set(branches.flatMap(({ match }) => [...match(from, text)])),
    cost: branches.reduce((sum, { cost }) => sum + cost, 0),
  };
}

function branch(source: Source, depth: number): Part {
  const parts: Part[] = [];
  for (let next = peek(source); next !== "" && next !== "|" && next !== ")"; next = peek(source)) {
    parts.push(quantified(source, depth));
  }
  return {
    match: (from, text) => parts.reduce((ends, { match }) => match(ends, text), new Set(from)),
    cost: parts.reduce((sum, { cost }) => sum + cost, 1),
  };
}

const ANCHORS: Record<string, Matcher> = {
  "^": (from) => new Set([...from].filter((position) => position === 0)),
  $: (from, text) => new Set([...from].filter((position) => position === text.length)),
};

function quantified(source: Source, depth: number): Part {
  const anchor = ANCHORS[peek(source)];
  if (anchor !== undefined) {
    source.at++;
    refuseQuantifier(source);
    return { match: anchor, cost: 1 };
  }
  refuseQuantifier(source);
  const part = atom(source, depth);
  const bounds = quantifier(source);
  if (bounds === undefined) return part;
  refuseQuantifier(source);
  const cost = part.cost * Math.max(bounds.max === Infinity ? 64 : bounds.max, 1);
  if (cost > MAX_COST) throw new NotEvaluated();
  return { match: repeated(part.match, bounds), cost };
}

function repeated(match: Matcher, { min, max }: Bounds): Matcher {
  return (from, text) => {
    let ends: Set<number> = new Set(from);
    for (let i = 0; i < min; i++) ends = match(ends, text);
    const reached = new Set(ends);
    for (let i = min; i < max && ends.size > 0; i++) {
      ends = new Set([...match(ends, text)].filter((position) => !reached.has(position)));
      for (const position of ends) reached.add(position);
    }
    return reached;
  };
}

function atom(source: Source, depth: number): Part {
  const character = peek(source);
  source.at++;
  if (character === "(") return group(source, depth);
  if (character === "[") return one(readBracket(source));
  if (character === ".") return one(() => true);
  if (character === "\\") return one(escapeClass(source));
  return one((other) => other === character);
}

function group(source: Source, depth: number): Part {
  if (peek(source) === "?") {
    if (source.characters[source.at + 1] !== ":") throw new NotEvaluated();
    source.at += 2;
  }
  const inner = alternatives(source, depth + 1);
  if (peek(source) !== ")") throw new Invalid("parentheses () not balanced");
  source.at++;
  return inner;
}

function one(accepts: (character: string) => boolean): Part {
  const match: Matcher = (from, text) => {
    const ends = new Set<number>();
    for (const position of from) {
      const character = text[position];
      if (character !== undefined && accepts(character)) ends.add(position + 1);
    }
    return ends;
  };
  return { match, cost: 1 };
}
