import { describe, expect, it } from "vitest";
import { Answers } from "../../../../src/database/connection/login/answers";
import { ProtocolViolation } from "../../../../src/database/connection/login/backend-message";
import { message } from "../../../support/wrong-answers";

const COLUMN = `who\0${"\0".repeat(18)}`;
const described = (columns: number) =>
  message("T", `\0${String.fromCharCode(columns)}${COLUMN.repeat(columns)}`);
const row = (...values: string[]) =>
  message(
    "D",
    `\0${String.fromCharCode(values.length)}${values.map((v) => `\0\0\0${String.fromCharCode(v.length)}${v}`).join("")}`,
  );
const DONE = message("C", "SELECT 1\0");
const READY = message("Z", "I");
const NOTICE = message("N", "SNOTICE\0C00000\0Mhello\0\0");
const ERROR = message("E", "SERROR\0C42501\0Mno\0\0");

/** The types that the driver gets to read. */
function read(messages: readonly Buffer[], queries = 1): string {
  const answers = new Answers();
  for (let i = 0; i < queries; i++) answers.expect();
  return messages
    .flatMap((bytes) => answers.push(bytes))
    .map(({ type }) => type)
    .join("");
}

describe("what a query may be answered with", () => {
  it.each<[string, Buffer[]]>([
    ["rows", [described(2), row("a", "b"), row("c", ""), DONE, READY]],
    ["no rows", [described(1), DONE, READY]],
    ["nothing but that it was done", [DONE, READY]],
    ["an error after rows", [described(1), row("a"), ERROR, READY]],
    ["a notice in between", [NOTICE, DONE, NOTICE, READY, NOTICE]],
    ["the answers to Parse, Bind and Execute", [message("1"), message("2"), message("n"), DONE, READY]],
    ["an answer to an empty query", [message("I"), READY]],
  ])("%s", (_what, messages) => {
    expect(read(messages)).toHaveLength(messages.length);
  });
});

describe("what it may not", () => {
  it.each<[string, Buffer[]]>([
    ["a row that was not described", [row("a")]],
    ["a row of an earlier description", [described(1), DONE, row("a")]],
    ["a row of another number of fields", [described(2), row("a")]],
    ["an end without an outcome", [READY]],
    ["a second end", [DONE, READY, DONE, READY]],
    ["an end in no state", [DONE, message("Z", "?")]],
    ["a request for authentication", [message("R", "\0\0\0\x03")]],
    ["a request for data", [message("G", "\0\0\0")]],
  ])("%s", (_what, messages) => {
    expect(() => read(messages)).toThrow(ProtocolViolation);
  });

  it("anything, where nothing was asked", () => {
    expect(() => read([DONE], 0)).toThrow(ProtocolViolation);
    expect(read([NOTICE, message("S", "TimeZone\0UTC\0"), ERROR], 0)).toBe("NSE");
  });

  it("rows without end", () => {
    const rows = Buffer.concat(Array.from({ length: 20_000 }, () => row("a".repeat(100))));
    expect(() => {
      const answers = new Answers();
      answers.expect();
      answers.push(described(1));
      for (let i = 0; i < 1000; i++) answers.push(rows);
    }).toThrow(/more than \d+ bytes/);
  });
});
