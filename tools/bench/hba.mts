import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { megabytes, row, seconds, text, times, title, whole } from "./print.mts";

const SHAPES = ["a user's own", "a database's own", "for everybody"] as const;

export interface Question {
  readonly rules: number;
  readonly users: number;
  /** `host db7 user7 …`, `host db7 all …`, `host all all …`. */
  readonly shape: (typeof SHAPES)[number];
}

interface Answer {
  readonly ms: number;
  readonly peak: number | undefined;
  readonly affected: number;
  readonly losses: number;
}

/** So many rules with so many users, and in how many seconds it is to be done on two cores. */
const SIZES: readonly (Pick<Question, "rules" | "users"> & { readonly bound?: number })[] = [
  { rules: 200, users: 4 },
  { rules: 2_000, users: 4 },
  { rules: 20_000, users: 4 },
  { rules: 200, users: 200 },
  { rules: 2_000, users: 200, bound: 2 },
  { rules: 20_000, users: 20, bound: 10 },
  { rules: 20_000, users: 200 },
];
/** From 2,000 rules to 20,000. */
const MOST_GROWTH = 12;

/** What the lockout guard and the preview of HBA rules cost, from the texts to the words. */
export async function benchHba(interrupted: AbortSignal): Promise<void> {
  for (const shape of SHAPES) {
    title(`A change of HBA rules, each ${shape === "for everybody" ? shape : `${shape} one`}`);
    row("rules, users", ["seconds", "MB peak", "affected", "losses"]);
    const measured = new Map<string, number>();
    for (const { rules, users, bound } of SIZES) {
      const { ms, peak, affected, losses } = await ask({ rules, users, shape }, interrupted);
      if (losses === 0) throw new Error("nobody loses anything: nothing is measured");
      measured.set(`${rules} ${users}`, ms);
      const verdict = ms <= (bound ?? 0) * 1000 ? `within ${bound}` : `OVER ${bound}`;
      const within = bound === undefined ? "" : verdict;
      row(`${whole(rules)}, ${whole(users)}`, [
        seconds(ms),
        megabytes(peak),
        whole(affected),
        whole(losses),
        within,
      ]);
    }
    for (const users of [4, 200]) {
      const growth = (measured.get(`20000 ${users}`) ?? 0) / (measured.get(`2000 ${users}`) ?? 0);
      text(
        `${users} users, from 2,000 rules to 20,000: ${times(growth)} the time, ${growth <= MOST_GROWTH ? "at most" : "MORE THAN"} ${MOST_GROWTH}x.`,
      );
    }
  }
}

/** In a process of its own, so that its memory is its own. */
async function ask(question: Question, signal: AbortSignal): Promise<Answer> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(import.meta.dirname, "hba-once.mts"), JSON.stringify(question)],
    { signal },
  );
  return JSON.parse(stdout) as Answer;
}
