import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { getsIn } from "../../support/gets-in";
import { RULES_BEFORE } from "../../support/hba-server";
import { startHbaWriter } from "../../support/hba-writer";
import { query } from "../../support/targets";

/** `HBA_ROUNDS=200 npx vitest run --project integration hba-two-writers` for more of them. */
const ROUNDS = Number(process.env.HBA_ROUNDS ?? 30);

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ log_statement: "none" }, { "pg_hba.conf": RULES_BEFORE });
  await query(server.url, "CREATE ROLE probe LOGIN");
  await query(server.url, "CREATE DATABASE other");
  return () => server.stop();
});

const folder = () => join(dirname(server.logFile), "data");
const file = () => readFileSync(join(folder(), "pg_hba.conf"), "utf8");

/** What a writer may want: each has its own answer to whether `probe` gets in, so that a login tells whose rules are in force. */
const WISHES = {
  good: { lines: [], guard: "on" },
  "only the server refuses it": {
    lines: ["host all nobody all radius radiusservers=nowhere.invalid radiussecrets=s"],
    guard: "on",
  },
  "locks the administrator out": { lines: ["host all postgres all reject"], guard: "off" },
} as const;
type Wish = keyof typeof WISHES;

/** In turn, so that every pair of wishes comes up. */
const PAIRS: readonly (readonly [Wish, Wish])[] = (() => {
  const wishes = Object.keys(WISHES) as Wish[];
  const pairs = wishes.flatMap((mine) => wishes.map((theirs) => [mine, theirs] as const));
  return [...pairs, ["good", "good"], ["good", "good"]];
})();

/** Long, for a text that is torn to show. */
const FILLER = Array.from({ length: 400 }, (_, i) => `# line ${i} of a text that is written in many blocks`);

function textOf(wish: Wish, writer: "A" | "B", round: number): string {
  return [
    `# round ${round}, writer ${writer}: ${wish}`,
    ...WISHES[wish].lines,
    "host all postgres all scram-sha-256",
    `host all probe all ${writer === "A" ? "trust" : "reject"}`,
    ...FILLER,
    `# the end of ${writer} in round ${round}`,
  ].join("\n");
}

describe("two processes that write the HBA rules of one server, from different databases", () => {
  it(`are one after the other, in ${ROUNDS} rounds: a success stays, a failure leaves what was there`, async () => {
    const [a, b] = await Promise.all([
      startHbaWriter(server.url),
      startHbaWriter(server.url.replace(/postgres$/, "other")),
    ]);
    const counts = { rounds: 0, successes: 0, "taken back": 0 };
    const broken: string[] = [];
    const started = Date.now();

    for (let round = 0; round < ROUNDS; round++) {
      const before = file();
      const [mine, theirs] = PAIRS[round % PAIRS.length] as (typeof PAIRS)[number];
      const run = async (writer: typeof a, name: "A" | "B", wish: Wish) => {
        const text = textOf(wish, name, round);
        await sleep(Math.random() * 40);
        const begun = Date.now();
        const outcome = await writer.write({ text, guard: WISHES[wish].guard, allowLockout: ["probe"] });
        return { name, wish, text, begun, ended: Date.now(), ...outcome };
      };
      const both = await Promise.all([run(a, "A", mine), run(b, "B", theirs)]);

      const problem = (what: string) =>
        broken.push(`round ${round}, ${JSON.stringify(both.map(({ text, ...rest }) => rest))}: ${what}`);
      for (const { wish, written, message = "" } of both) {
        if (written !== (wish === "good")) problem(`"${wish}" ended otherwise`);
        if (!written && !/refuses the HBA rules|do not let the administrator in/.test(message))
          problem("not a reason");
      }
      // Of two that did not overlap, the later one has the last word.
      const successes = both.filter(({ written }) => written);
      const last = successes.filter(({ ended }) => successes.every(({ begun }) => ended >= begun));
      const expected = last.length === 0 ? [before] : last.map(({ text }) => text);
      const after = file();
      if (!expected.includes(after)) problem(`the file is ${whose(after, before, both)}`);
      const letsIn = after.includes("host all probe all trust");
      const config = { host: "127.0.0.1", port: server.port, user: "probe", database: "postgres" };
      if (round > 0 && (await getsIn(config)) !== letsIn)
        problem("the rules in force are not those of the file");
      counts.rounds++;
      counts.successes += successes.length;
      counts["taken back"] += both.length - successes.length;
    }
    const left = readdirSync(folder()).filter((name) => name.includes("pulumi-scram"));

    console.log(
      `two writers of HBA rules: ${JSON.stringify(counts)}, ${broken.length} broken, ${((Date.now() - started) / 1000).toFixed(1)} s`,
    );
    expect(broken).toEqual([]);
    expect(left).toEqual([]);
    expect(counts.successes).toBeGreaterThan(0);
    expect(counts["taken back"]).toBeGreaterThan(0);
  }, 600_000);
});

/** The first round's writers find the server's own rules. */
function whose(
  after: string,
  before: string,
  writers: readonly { readonly name: string; readonly text: string }[],
): string {
  if (after === before) return "that from before the round";
  return (
    writers.find(({ text }) => text === after)?.name ?? `torn: ${after.length} bytes, ${after.slice(0, 60)}…`
  );
}
