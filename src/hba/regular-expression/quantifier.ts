import { Invalid, NotEvaluated, peek, type Source } from "./source";

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

const SIMPLE: Record<string, Bounds> = {
  "*": { min: 0, max: Infinity },
  "+": { min: 1, max: Infinity },
  "?": { min: 0, max: 1 },
};

/** Reads a quantifier with its `?` for non-greedy, which doesn't change whether there is a match. */
export function quantifier(source: Source): Bounds | undefined {
  const simple = SIMPLE[peek(source)];
  const bounds = simple ?? bound(source);
  if (bounds === undefined) return undefined;
  if (simple !== undefined) source.at++;
  if (peek(source) === "?") source.at++;
  return bounds;
}

/** A brace begins a bound only before a digit. */
const BOUND = /^\{[0-9]/;

function bound(source: Source): Bounds | undefined {
  const rest = source.characters.slice(source.at, source.at + 10).join("");
  if (!BOUND.test(rest)) return undefined;
  if (/^\{\d+(?:,\d*)?$/.test(rest) && rest.length < 10) throw new Invalid("braces {} not balanced");
  const [all, min, comma, max] = /^\{(\d{1,3})(,?)(\d{0,3})\}/.exec(rest) ?? [];
  if (all === undefined || min === undefined || (comma === "" && max !== "")) throw new NotEvaluated();
  const open = max === "" ? Infinity : Number(max);
  const upper = comma === "" ? Number(min) : open;
  if (Number(min) > 255 || (upper !== Infinity && upper > 255) || upper < Number(min)) {
    throw new Invalid("invalid repetition count(s)");
  }
  source.at += all.length;
  return { min: Number(min), max: upper };
}

/** A quantifier where there is nothing to repeat, whatever its numbers. */
export function refuseQuantifier(source: Source): void {
  if (
    SIMPLE[peek(source)] !== undefined ||
    BOUND.test(source.characters.slice(source.at, source.at + 2).join(""))
  ) {
    throw new Invalid("quantifier operand invalid");
  }
}
