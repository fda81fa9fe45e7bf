import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { configSetSecret } from "../../tools/engine/config-set.mts";
import { startPostgres } from "../../tools/postgres/server.mts";
import { diagnosticsOf } from "../support/diagnostics";
import { Stack } from "../support/stack";
import { query } from "../support/targets";

const FOLDER = "examples/many-users";
const program = readFileSync(resolve(import.meta.dirname, "../..", FOLDER, "index.ts"), "utf8");

it("the example: deployed, due for new passwords, rotated, destroyed", async () => {
  const { url, stop } = await startPostgres();
  onTestFinished(() => stop());
  const stack = await Stack.create({
    "Pulumi.yaml": { copy: `${FOLDER}/Pulumi.yaml` },
    "package.json": { copy: `${FOLDER}/package.json` },
    "tsconfig.json": { copy: `${FOLDER}/tsconfig.json` },
    "index.ts": program,
  });
  await stack.succeed(configSetSecret("scram:connection", url));

  await stack.up();
  const members = `SELECT m.rolname::text AS name FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member
    WHERE a.roleid = 'shop_owners'::regrole ORDER BY 1`;
  expect(await query(url, members)).toEqual(
    ["cart", "catalogue", "checkout", "search"].map((name) => ({ name })),
  );

  // A new month, and nobody has a new password.
  const december = program.replace('month = "2026-11"', 'month = "2026-12"');
  stack.write("index.ts", december.replace("keepers: { month }", 'keepers: { month: "2026-11" }'));
  const due = await stack.fail(["preview"]);
  const complaints = diagnosticsOf(due).filter((line) =>
    /the password of user "\w+" is due: rotationKey changed/.test(line),
  );
  expect(complaints).toHaveLength(4);

  stack.write("index.ts", december);
  const rotated = await stack.succeed(["up", "--yes", "--skip-preview"]);
  expect(rotated).toMatch(/~ cart\s*: 1 => 2/);

  await stack.succeed(["destroy", "--yes", "--skip-preview"]);
  expect(await query(url, "SELECT rolname FROM pg_roles WHERE rolname IN ('cart', 'shop_owners')")).toEqual(
    [],
  );
  // And once more from the beginning.
  await stack.up();
  await stack.succeed(["destroy", "--yes", "--skip-preview"]);
});
