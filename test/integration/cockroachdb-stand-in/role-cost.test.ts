import { describe, expect, it } from "vitest";
import { refusalOf, useStandIn } from "../../cockroachdb-stand-in/testing";

/** Well above what the statements themselves take on a busy machine. */
const DELAY = 1_000;

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Facts 3.8. */
describe("a role statement costs a wait", () => {
  const bed = useStandIn({ roleStatementDelayMs: DELAY });

  it("each by itself, once for a transaction, at its end", async () => {
    await bed.withClient(async (client) => {
      const apart = await milliseconds(async () => {
        await client.query("CREATE USER slow1");
        await client.query("DROP USER slow1");
      });
      expect(apart).toBeGreaterThanOrEqual(2 * DELAY);

      await client.query("BEGIN");
      const inside = await milliseconds(async () => {
        for (const i of [1, 2, 3, 4]) await client.query(`CREATE USER slow${i}`);
      });
      const commit = await milliseconds(() => client.query("COMMIT"));
      expect(inside).toBeLessThan(DELAY);
      expect(commit).toBeGreaterThanOrEqual(DELAY);
      expect(commit).toBeLessThan(2 * DELAY);

      await client.query("BEGIN");
      await client.query("DROP USER slow1");
      expect(await milliseconds(() => client.query("ROLLBACK"))).toBeLessThan(DELAY);
      expect(await milliseconds(() => client.query("BEGIN; SELECT 1; COMMIT"))).toBeLessThan(DELAY);
      const together = await milliseconds(() =>
        client.query("DROP USER slow1; DROP USER slow2, slow3, slow4"),
      );
      expect(together).toBeGreaterThanOrEqual(DELAY);
      expect(together).toBeLessThan(2 * DELAY);
    });
  });
});

describe("failures asked for", () => {
  let failing = "";
  const bed = useStandIn({ failWith40001: (statement) => failing !== "" && statement.startsWith(failing) });
  const restart = { code: "40001", message: expect.stringMatching(/^restart transaction: /) };

  it.each(["CREATE USER unlucky", "COMMIT"])("%s", async (statement) => {
    await bed.withClient(async (client) => {
      const attempt = async () => {
        await client.query("BEGIN");
        await client.query("CREATE USER unlucky PASSWORD $1", ["pw"]);
        await client.query("COMMIT");
      };
      failing = statement;
      expect(await refusalOf(attempt())).toMatchObject(restart);
      failing = "";
      await client.query("ROLLBACK");
      await attempt();
      await client.query("DROP USER unlucky");
    });
  });
});
