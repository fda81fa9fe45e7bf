import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Framing,
  ProtocolViolation,
  readRefusal,
} from "../../../../src/database/connection/login/backend-message";
import { message } from "../../../support/wrong-answers";

const HELLO = [message("N", "SNOTICE\0\0"), message("R", "\0\0\0\0"), message("Z", "I"), message("S", "")];

describe("messages are put together again", () => {
  it("from whatever pieces they arrive in", () => {
    const bytes = Buffer.concat(HELLO);
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: bytes.length })), (cuts) => {
        const framing = new Framing("NRZS");
        const ends = [...cuts.sort((a, b) => a - b), bytes.length];
        const found = ends.flatMap((end, i) => framing.push(bytes.subarray(ends[i - 1] ?? 0, end)));
        expect(found.map((whole) => whole.bytes)).toEqual(HELLO);
        expect(framing.rest).toHaveLength(0);
      }),
    );
  });

  it("a row of megabytes among them, in time that grows with its length alone", () => {
    const row = message("D", Buffer.alloc(16 * 1024 * 1024 - 4));
    const framing = new Framing("D");
    const found = [];
    for (let at = 0; at < row.length; at += 1024) found.push(...framing.push(row.subarray(at, at + 1024)));
    expect(found).toHaveLength(1);
  });

  it.each<[string, Buffer]>([
    ["of a type that may not come", Buffer.from("X")],
    ["shorter than its own length", message("R", "", 3)],
    ["longer than there is a reason to be", message("R", "", 65_537)],
    ["longer than any row", message("D", "", 16 * 1024 * 1024 + 1)],
    ["of a length that is negative elsewhere", message("R", "", 0xffffffff)],
  ])("and one %s is refused by its header", (_what, header) => {
    expect(() => new Framing("RD").push(header)).toThrow(ProtocolViolation);
  });
});

describe("an ErrorResponse", () => {
  const read = (fields: string) => readRefusal({ type: "E", bytes: message("E", fields) });

  it("is what the driver makes of it", () => {
    expect(read("SFATAL\0C28P01\0Mwrong\0Dwhy\0Hhow\0\0")).toMatchObject({
      message: "wrong",
      code: "28P01",
      severity: "FATAL",
      detail: "why",
      hint: "how",
    });
  });

  it.each([
    ["no message", "C28P01\0\0"],
    ["no code", "Mno\0\0"],
    ["a code in words, which might be one of ours", "CCOMMIT_LOST\0Mno\0\0"],
    ["the name of a method for a code", "Cconstructor\0Mno\0\0"],
    ["no end", "C28P01\0Mno\0"],
    ["something behind its end", "C28P01\0Mno\0\0more"],
  ])("with %s is none", (_what, fields) => {
    expect(() => read(fields)).toThrow(ProtocolViolation);
  });
});
