import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import { startPostgres } from "../../tools/postgres/server.mts";
import { startCockroachStandIn } from "../cockroachdb-stand-in/start";

/** A program whose state is recorded, and the server it is for. */
export interface Case {
  /** JavaScript. An `up` for each ROTATION, 1 to `recordedAt`, has made the state. */
  readonly program: string;
  readonly recordedAt: number;
  /** SQL for what is there before the first `up`. */
  readonly before: readonly string[];
  /** SQL for the settings and rules that are recorded, where no role is meant. */
  readonly configured?: readonly string[];
  /** Starts the server that it is for; on PostgreSQL with these HBA rules. */
  readonly start: (rules?: string) => Promise<{ readonly url: string }>;
  /** Who logs in after one more rotation, by what. */
  readonly logins: Readonly<Record<string, string>>;
  /** Who is there once all is destroyed, beside those of `before`. */
  readonly left: readonly string[];
  /** What the server has then, by the SQL that asks for it. */
  readonly restored?: Readonly<Record<string, string>>;
}

/** `early` passwords have rotated once when the state is recorded, `late` ones not yet. */
const PASSWORDS = `
  const rotation = Number(process.env.ROTATION);
  const early = (name) => \`Canary-\${name}-\${rotation}\`;
  const late = (name) => \`Canary-\${name}-\${rotation < 3 ? 1 : rotation}\`;
`;

const VERIFIER =
  "SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$nvLPQQrCWtQ5CZ4zdoF2/WzTXXHWdQbSdDyRYzJ+xVU=:rrcsFUqrV/cwR1a6MLQUd92cu0s3S0Cj3PCZ+8DbMQQ=";

const STOCK_RULES = "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n";

async function postgresql(rules = STOCK_RULES): Promise<{ url: string }> {
  const server = await startPostgres({}, { "pg_hba.conf": rules });
  onTestFinished(() => server.stop());
  return server;
}

async function standIn(): Promise<{ url: string }> {
  const postgres = await startPostgres();
  const running = await startCockroachStandIn(postgres);
  onTestFinished(async () => {
    await running.stop();
    await postgres.stop();
  });
  return running;
}

/** By the name of the file in states-0.1.0, which the code of version 0.1.0 has made (commit 5008052). */
export const CASES: Readonly<Record<string, Case>> = {
  "users-postgresql": {
    start: postgresql,
    recordedAt: 2,
    logins: {
      every_option: "Canary-every_option-3",
      rotated: "Canary-rotated-3",
      adopted: "Canary-adopted-3",
      renamed_once: "Canary-stays-3",
      of_set_early: "Canary-of_set_early-3",
      of_set_late: "Canary-of_set_late-3",
      pair_a: "Canary-pair_a-3",
      pair_b: "Canary-pair_b-2",
    },
    left: ["renamed_once"],
    before: ["CREATE ROLE staff", "CREATE ROLE adopted LOGIN", "CREATE ROLE new_owner"],
    program: `
      const { AlternatingUsers, Provider, ScramUser, ScramUserSet } = require("pulumi-scram");
      ${PASSWORDS}
      const connection = process.env.SCRAM_DATABASE_URL;
      const provider = new Provider("server", { connection });
      new ScramUser("every_option", {
        password: late("every_option"), iterations: 4096, validUntil: "2099-01-01T00:00:00Z", createDb: true, createRole: true,
        inherit: false, connectionLimit: 7, memberOf: ["staff"], settings: { work_mem: "8MB", statement_timeout: 1000 },
        saltSeed: Buffer.alloc(32, 7).toString("base64"), driftCheck: "handshake",
      }, { provider });
      new ScramUser("rotated", {
        password: early("rotated"), rotationKey: String(rotation), passwordHistory: 3, minLength: 8, connection,
        reassignOwnedTo: "new_owner",
      });
      new ScramUser("adopted", { password: late("adopted"), adopt: true });
      new ScramUser("ready_made", { verifier: "${VERIFIER}", onDelete: "drop" });
      new ScramUser("by_certificate", { passwordless: true });
      const group = new ScramUser("team", { login: false });
      new ScramUser("stays", { password: late("stays"), username: "renamed_once", onDelete: "disable", memberOf: [group.username] });
      new ScramUserSet("set", {
        defaults: { minLength: 8, memberOf: [{ role: "staff", admin: true }] },
        users: {
          of_set_early: { password: early("of_set_early") },
          of_set_late: { password: late("of_set_late"), rotationKey: "a", passwordHistory: 2 },
          of_set_group: { login: false, memberOf: [] },
        },
      });
      new AlternatingUsers("pair", { rotation, password: (name, turn) => turn.apply((t) => \`Canary-\${name}-\${t}\`) });
    `,
  },
  "configuration-postgresql": {
    start: postgresql,
    recordedAt: 2,
    configured: [
      "ALTER SYSTEM SET password_encryption = 'scram-sha-256'",
      "ALTER SYSTEM SET scram_iterations = 8192",
      "SELECT pg_reload_conf()",
    ],
    logins: {},
    left: [],
    restored: {
      "SELECT pg_read_file(current_setting('hba_file'))": STOCK_RULES,
      "SHOW scram_iterations": "4096",
    },
    before: ["CREATE ROLE app LOGIN"],
    program: `
      const { AuthSettings, HbaConfig } = require("pulumi-scram");
      new AuthSettings("settings", { product: "postgresql", passwordEncryption: "scram-sha-256", scramIterations: 8192 });
      new HbaConfig("hba", {
        product: "postgresql", guard: "strict", allowLockout: ["app"],
        text: "local all all scram-sha-256\\nhost all all 127.0.0.1/32 scram-sha-256\\nhost all all ::1/128 scram-sha-256\\nhostssl all all 10.0.0.0/8 scram-sha-256\\n",
      });
    `,
  },
  "users-cockroachdb": {
    start: standIn,
    recordedAt: 2,
    configured: [
      "SET CLUSTER SETTING server.user_login.password_encryption = 'scram-sha-256'",
      "SET CLUSTER SETTING server.user_login.password_hashes.default_cost.scram_sha_256 = 10610",
      "SET CLUSTER SETTING server.user_login.min_password_length = 12",
      "SET CLUSTER SETTING server.host_based_authentication.configuration = 'host all root all cert-password\nhost all all all password\n'",
    ],
    logins: {
      every_option: "Canary-every_option-3",
      rotated: "Canary-rotated-3",
      of_set_early: "Canary-of_set_early-3",
      of_set_late: "Canary-of_set_late-3",
    },
    left: [],
    before: ["CREATE ROLE staff"],
    program: `
      const { AuthSettings, HbaConfig, ScramUser, ScramUserSet } = require("pulumi-scram");
      ${PASSWORDS}
      new AuthSettings("settings", { product: "cockroachdb", passwordEncryption: "scram-sha-256", defaultCostScramSha256: 10610, minPasswordLength: 12 });
      new HbaConfig("hba", { product: "cockroachdb", text: "host all root all cert-password\\nhost all all all password\\n" });
      new ScramUser("every_option", {
        password: late("every_option"), createDb: true, createRole: true, createLogin: true, controlJob: true,
        cancelQuery: true, viewActivity: true, sqlLogin: true, memberOf: ["staff"], validUntil: "2099-01-01T00:00:00Z",
      });
      new ScramUser("rotated", { password: early("rotated"), iterations: 4096, reassignOwnedTo: "staff" });
      new ScramUserSet("set", {
        users: { of_set_early: { password: early("of_set_early") }, Of_Set_Late: { password: late("of_set_late") } },
      });
    `,
  },
  "strict-isolation": {
    start: postgresql,
    recordedAt: 3,
    logins: { shop: "Canary-shop-4", desk: "Canary-desk-4" },
    left: ["desk"],
    restored: { "SELECT pg_read_file(current_setting('hba_file'))": STOCK_RULES },
    before: ["CREATE ROLE shop LOGIN PASSWORD 'Canary-before'"],
    program: `
      const { StrictIsolation } = require("pulumi-scram");
      ${PASSWORDS}
      new StrictIsolation("main", {
        product: "postgresql", phase: Math.min(rotation, 3), defaults: { adopt: true },
        users: { shop: { password: \`Canary-shop-\${rotation}\` }, desk: { password: \`Canary-desk-\${rotation}\` } },
        text: "local all all scram-sha-256\\nhost all all 127.0.0.1/32 scram-sha-256\\n",
      });
    `,
  },
};

/** A state as `pulumi stack export --show-secrets` gives it, with `{{…}}` for what each server has of its own. */
interface Recording {
  /** Makes the roles that are recorded. */
  readonly sql: readonly string[];
  readonly deployment: { readonly resources: readonly RecordedResource[] };
}

interface RecordedResource {
  readonly type: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

const FOLDER = resolve(import.meta.dirname, "../e2e/states-0.1.0");

export function readRecording(name: string): Recording {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8"));
}

/** The HBA rules of a recorded HbaConfig, if there is one. */
export function recordedRules({ deployment }: Recording): string | undefined {
  const [rules] = deployment.resources.flatMap(({ type, outputs }) =>
    type.endsWith(":HbaConfig") ? [outputs?.rules as Readonly<Record<string, string>>] : [],
  );
  return (
    rules &&
    Object.keys(rules)
      .sort()
      .map((key) => rules[key])
      .join("\n")
  );
}
