import { describe, expect, it } from "vitest";
import { newPassword } from "../../../tools/demo/new-password.mts";
import { configSet, configSetSecret } from "../../../tools/engine/config-set.mts";
import { parseCommand } from "../../../tools/local-engine/arguments.mts";

/** As many as 200 runs of the demo generate, and the same with a dash in front. */
const generated = Array.from({ length: 400 }, newPassword);
const values = [...generated, ...generated.map((password) => `-${password}`), "--", "--secret", "-", ""];

describe.each(Object.entries({ configSet, configSetSecret }))("%s", (_name, command) => {
  it("gives no value that is taken for a flag", () => {
    for (const value of values)
      expect(parseCommand(["--non-interactive", ...command("key", value)])).toMatchObject({
        command: "config set",
        operands: ["key", value],
      });
  });
});
