import { describe, expect, it } from "vitest";
import { ScramError } from "../../../src/scram/error";

describe("ScramError", () => {
  it("joins problem and hint to one sentence", () => {
    const error = new ScramError("salt-empty", "The salt is empty", { hint: "use 16 random bytes" });
    expect(error.message).toBe("The salt is empty; use 16 random bytes");
    expect(error).toMatchObject({ code: "salt-empty", hint: "use 16 random bytes", name: "ScramError" });
    expect(String(error)).toBe("ScramError: The salt is empty; use 16 random bytes");
  });

  it("has neither hint nor cause, not even undefined ones, unless given", () => {
    const error = new ScramError("salt-empty", "The salt is empty");
    expect(error.message).toBe("The salt is empty");
    expect(Object.keys(error)).toEqual(["code"]);
    expect("hint" in error || "cause" in error).toBe(false);
  });

  it("keeps its cause", () => {
    const cause = new Error("connection reset");
    expect(new ScramError("unreachable", "The server is unreachable", { cause }).cause).toBe(cause);
  });
});
