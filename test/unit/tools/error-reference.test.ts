import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { errorReference } from "../../../tools/error-reference/main.mts";

it("docs/reference/errors.md is what the source throws: node tools/error-reference/main.mts", () => {
  expect(readFileSync("docs/reference/errors.md", "utf8")).toBe(errorReference());
});
