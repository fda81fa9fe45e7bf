import type { Profile } from "../profile";
import { SqlError, UNCATEGORISED } from "../wire/sql-error";

export interface HbaToken {
  readonly value: string;
  readonly quoted: boolean;
}

/** One or more tokens joined by commas. */
export type Field = readonly HbaToken[];

export interface HbaLine {
  readonly number: number;
  readonly fields: readonly Field[];
}

/** Facts 1.1: lines with their fields; those without any are dropped, and counted. */
export function scanHba(text: string, profile: Profile): readonly HbaLine[] {
  return text
    .split("\n")
    .map((line, i) => ({ number: i + 1, fields: scanLine(line, i + 1, profile) }))
    .filter(({ fields }) => fields.length > 0);
}

const SKIPPED = /[ \t\r,]*/y;
const QUOTED = /"(\P{Cc}*?)"(,?)/uy;
/** Older: laxer about control characters. */
const OLD_UNQUOTED = /([^", \t\r]+)(,?)/y;
const NEW_UNQUOTED = /([^\p{Cc} ",]+)(,?)/uy;

function scanLine(line: string, number: number, profile: Profile): readonly Field[] {
  const fields: HbaToken[][] = [];
  let continues = false;
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(line);
    at += found?.[0].length ?? 0;
    return found;
  };
  for (;;) {
    match(SKIPPED);
    if (at >= line.length || line[at] === "#") return fields;
    const quoted = match(QUOTED);
    const found = quoted ?? match(profile.newScanner ? NEW_UNQUOTED : OLD_UNQUOTED);
    if (found === null) throw new SqlError(UNCATEGORISED, `line ${number}: ${problem(line.slice(at))}`);
    const [, value = "", comma] = found;
    const token = { value, quoted: quoted !== null };
    if (continues) fields.at(-1)?.push(token);
    else fields.push([token]);
    continues = comma === "," || (profile.newScanner && !token.quoted && value.endsWith("="));
  }
}

/** Of text that no token begins. */
function problem(rest: string): string {
  if (!rest.startsWith('"')) return `unsupported character: ${JSON.stringify(rest.charAt(0))}`;
  return rest.indexOf('"', 1) < 0 ? "unterminated quoted string" : "invalid characters in quoted string";
}
