import type { Dialect } from "./dialect";
import type { IpNetwork } from "./ip";
import type { HbaSyntaxError } from "./parse/syntax-error";

/** One word of a line. */
export interface Token {
  /** What the server compares, without quotes. */
  readonly value: string;
  /** Whether it began with a quote: then it is never a keyword. */
  readonly quoted: boolean;
  /** As written. */
  readonly raw: string;
  readonly line: number;
  readonly column: number;
}

/** A comma-separated list of tokens, never empty. */
export type Field = readonly [Token, ...Token[]];

export const CONNECTION_TYPES = [
  "local",
  "host",
  "hostssl",
  "hostnossl",
  "hostgssenc",
  "hostnogssenc",
  "loopback",
] as const;
export type ConnectionType = (typeof CONNECTION_TYPES)[number];

/** The address column, with the mask column if there is one. */
export type AddressSpec =
  | { readonly kind: "all" | "samehost" | "samenet"; readonly token: Token }
  | { readonly kind: "network"; readonly token: Token; readonly mask?: Token; readonly network: IpNetwork }
  | { readonly kind: "host"; readonly token: Token };

export interface Option {
  readonly name: string;
  readonly value: string;
  readonly token: Token;
}

/** A rule as the server reads it, before it asks whether it supports what the rule says. */
export interface HbaEntry {
  readonly connection: { readonly type: ConnectionType; readonly token: Token };
  readonly databases: Field;
  readonly users: Field;
  /** Absent for `local` rules. */
  readonly address?: AddressSpec;
  readonly method: Token;
  readonly options: readonly Option[];
}

interface Lines {
  /** The original text with its line ends; all of them joined are the original file. */
  readonly text: string;
  /** The first line of the file it stands on, from 1. */
  readonly line: number;
  /** The last one: PostgreSQL joins lines that end with a backslash. */
  readonly endLine: number;
  /** From `#` to the end, if there is one. */
  readonly comment?: string;
}

export type HbaLine = Lines &
  (
    | { readonly kind: "rule"; readonly entry: HbaEntry; readonly fields: readonly string[] }
    | { readonly kind: "comment" | "blank" }
    | {
        readonly kind: "include";
        readonly directive: "include" | "include_if_exists" | "include_dir";
        readonly path: string;
        readonly fields: readonly string[];
      }
    | { readonly kind: "invalid"; readonly error: HbaSyntaxError }
  );

export type RuleLine = Extract<HbaLine, { kind: "rule" }>;

export interface HbaFile {
  readonly dialect: Dialect;
  readonly lines: readonly HbaLine[];
}

/** Whether a token is that keyword: exact case, not quoted. */
export function isKeyword(token: Token, word: string): boolean {
  return !token.quoted && token.value === word;
}

export function rulesOf(file: HbaFile): RuleLine[] {
  return file.lines.filter((line) => line.kind === "rule");
}
