import { describe, expect, it } from "vitest";
import { UserError } from "../../src/errors";

describe("UserError", () => {
  it("joins problem and hint to one sentence", () => {
    const error = new UserError("salt-empty", "The salt is empty", { hint: "use 16 random bytes" });
    expect(error.message).toBe("The salt is empty; use 16 random bytes");
    expect(error).toMatchObject({ code: "salt-empty", hint: "use 16 random bytes", name: "UserError" });
    expect(String(error)).toBe("UserError: The salt is empty; use 16 random bytes");
  });

  it("has neither hint nor cause, not even undefined ones, unless given", () => {
    const error = new UserError("salt-empty", "The salt is empty");
    expect(error.message).toBe("The salt is empty");
    expect(Object.keys(error)).toEqual(["code"]);
    expect("hint" in error || "cause" in error).toBe(false);
  });

  it("keeps its cause", () => {
    const cause = new Error("connection reset");
    expect(new UserError("unreachable", "The server is unreachable", { cause }).cause).toBe(cause);
  });
});
