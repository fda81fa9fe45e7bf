import { expect, it } from "vitest";
import { openDatabase } from "../../../src/database/open";

const DEAD = "postgresql://app@127.0.0.1:1/db?sslmode=disable";

it("resources of one target share a database; a failure is not kept, for the next may find the server there", async () => {
  const first = openDatabase(DEAD);
  expect(openDatabase(DEAD)).toBe(first);
  expect(openDatabase(`${DEAD}&application_name=other`)).not.toBe(first);
  await expect(first).rejects.toThrow(/nothing listens there/);

  const second = openDatabase(DEAD);
  expect(second).not.toBe(first);
  await expect(second).rejects.toThrow(/nothing listens there/);
});
