import "./source-hook.mts";
import type { Question } from "./hba.mts";
import { memoryOf } from "./memory.mts";

/**
 * One change of rules in a process of its own, `node hba-once.mts <question as JSON>`: what guard and preview do with it, from
 * the two texts to the words. Prints how long it took, the peak memory, and what was found.
 */
const { effectsOf } = await import("../../src/audit/logins/effects.ts");
const { describeEffects, describeLockouts } = await import("../../src/audit/logins/effect-words.ts");
type Role = Parameters<typeof effectsOf>[3]["roles"][number];

const { rules, users, shape } = JSON.parse(process.argv[2] ?? "") as Question;

const before = Array.from({ length: rules }, (_, i) => {
  const network = `10.${(i >> 8) % 256}.${i % 256}.0/24`;
  const user = shape === "a user's own" ? `user${i}` : "all";
  const database = shape === "for everybody" ? "all" : `db${i}`;
  return `host ${database} ${user} ${network} scram-sha-256`;
});
// One in ten is dropped, one in seven is for fewer addresses, and the first network is refused.
const after = before
  .filter((_, i) => i % 10 !== 0)
  .map((line, i) => (i % 7 === 0 ? line.replace("/24", "/28") : line));
after.unshift("host all all 10.0.0.0/28 reject");

const roles = Array.from(
  { length: users },
  (_, i): Role => ({
    name: `user${i}`,
    login: true,
    storedHash: {
      kind: "scram-sha-256",
      verifier: {
        iterations: 4096,
        salt: Buffer.alloc(16),
        storedKey: Buffer.alloc(32),
        serverKey: Buffer.alloc(32),
      },
    },
    validUntil: null,
    expired: false,
    memberOf: [`team${i}`],
    replication: false,
  }),
);
const facts = {
  roles,
  hashesReadable: true,
  databases: ["postgres"],
  own: { user: "postgres", database: "postgres", address: "10.0.0.1", tls: false },
  context: { version: "18" },
};

const start = performance.now();
const effects = effectsOf(before.join("\n"), after.join("\n"), "postgresql", facts);
const lockouts = effects.flatMap(({ lockout }) => (lockout ? [lockout] : []));
const words = [describeLockouts(lockouts), ...describeEffects(effects, false)];
const ms = performance.now() - start;

const losses = effects.reduce((sum, effect) => sum + effect.losses.length, 0);
console.log(
  JSON.stringify({
    ms,
    peak: memoryOf(process.pid).peak,
    affected: effects.length,
    losses,
    lines: words.length,
  }),
);
