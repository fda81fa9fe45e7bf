import { expect, it } from "vitest";
import { closeConnections } from "../../../src/database/session/session";

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

it("the limit to how long closing may take keeps no process that has closed all from ending", async () => {
  const before = timers();
  await closeConnections();
  expect(timers()).toBe(before);
});
