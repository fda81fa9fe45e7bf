import { describe, expect, it } from "vitest";
import { type Props, UNKNOWN } from "../../../src/provider/protocol/wire";
import { rotationProvider } from "../../../src/provider/rotation";
import { check } from "../../support/engine-side";

const provider = rotationProvider();
const declared = (rotation: unknown): Props => ({ rotation, __provider: "code" }) as Props;

/** The turns after these values of `rotation`, one `up` after another. */
async function turnsOf(...rotations: unknown[]): Promise<unknown[]> {
  let recorded: Props = {};
  const turns: unknown[] = [];
  for (const rotation of rotations) {
    recorded = await check(provider, recorded, declared(rotation));
    turns.push(recorded.turn);
  }
  return turns;
}

describe("each value of `rotation` that is not the one before is a turn", () => {
  it.each<[string, unknown[], number[]]>([
    ["the same again", [1, 1, 1], [1, 1, 1]],
    ["one more each time", [1, 2, 3], [1, 2, 3]],
    // By the number alone it would be the same role's turn, whose password is in use.
    ["two at once", [1, 3, 5], [1, 2, 3]],
    ["back", [2, 1], [1, 2]],
    ["months", ["2026-11", "2026-11", "2026-12"], [1, 1, 2]],
    ["a number, and the same as a text", [1, "1"], [1, 2]],
  ])("%s", async (_case, rotations, turns) => {
    expect(await turnsOf(...rotations)).toEqual(turns);
  });

  it("one that a preview does not know yet makes the turn unknown", async () => {
    const recorded = await check(provider, {}, declared(1));
    expect(await check(provider, recorded, declared(UNKNOWN))).toMatchObject({ turn: UNKNOWN });
  });
});

it.each<[unknown, RegExp]>([
  [undefined, /rotation is missing/],
  [null, /rotation is missing/],
  [true, /rotation must be a number or a text/],
  [{ month: 11 }, /rotation must be a number or a text/],
])("refuses %o", async (rotation, sentence) => {
  const props = rotation === undefined ? { __provider: "code" } : declared(rotation);
  await expect(check(provider, {}, props as Props)).rejects.toThrow(sentence);
});
