import type { EffectiveLine, HbaLogin } from "../hba";
import { visitorOf } from "../hba/match/login";
import { type Column, judgeColumn, type PreparedRules } from "../hba/match/prepare";

/** A line of one of the texts, and its bit in a set of lines. */
export interface Member {
  readonly text: PreparedRules;
  readonly line: EffectiveLine;
  readonly bit: bigint;
}

/** Sets of lines: those that may match a login, and of these the ones that surely do. */
export interface Lines {
  readonly may: bigint;
  readonly sure: bigint;
}

export function membersOf(texts: readonly PreparedRules[]): Member[] {
  return texts
    .flatMap((text) => text.lines.map((line) => ({ text, line })))
    .map((member, i) => ({ ...member, bit: 1n << BigInt(i) }));
}

/** As far as one column goes. */
export function linesFor(members: readonly Member[], column: Column, login: HbaLogin): Lines {
  let [may, sure] = [0n, 0n];
  const [first] = members;
  const visitor = first && visitorOf(login, first.text.dialect);
  for (const { text, line, bit } of visitor ? members : []) {
    const matches = visitor && judgeColumn(line, column, visitor, text);
    if (matches !== "no") may |= bit;
    if (matches === "yes") sure |= bit;
  }
  return { may, sure };
}

export function both(one: Lines, other: Lines): Lines {
  return { may: one.may & other.may, sure: one.sure & other.sure };
}

/** What is left of them, in each text, when none counts after the first that surely matches, with TLS or without. */
export function reached({ may, sure }: Lines, texts: readonly Text[]): Lines {
  const set = texts.reduce((set, { all, anyMode }) => {
    const deciding = sure & anyMode;
    const first = deciding & -deciding;
    return set | (first === 0n ? all : all & ((first << 1n) - 1n));
  }, 0n);
  return { may: may & set, sure: sure & set };
}

/** The lines of one text, and those that match however the connection is encrypted. */
export interface Text {
  readonly all: bigint;
  readonly anyMode: bigint;
}

export function textOf(text: PreparedRules, members: readonly Member[]): Text {
  const own = members.filter((member) => member.text === text);
  const anyMode = own.filter(
    ({ line }) => line.kind === "rule" && ["host", "local"].includes(line.entry.connection.type),
  );
  return { all: setOf(own), anyMode: setOf(anyMode) };
}

function setOf(members: readonly Member[]): bigint {
  return members.reduce((set, { bit }) => set | bit, 0n);
}
