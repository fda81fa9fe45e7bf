import { expect, it } from "vitest";
import { sql } from "../../support/server";
import { SERVER_VERSION } from "../../support/server-version";

it("the tests run on the version that was asked for", async () => {
  const [row] = await sql<{ server_version_num: string }>("SHOW server_version_num");
  expect(Math.floor(Number(row?.server_version_num) / 10_000)).toBe(SERVER_VERSION);
});
