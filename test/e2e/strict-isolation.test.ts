import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { configSet, configSetSecret } from "../../tools/engine/config-set.mts";
import { startPostgres } from "../../tools/postgres/server.mts";
import { startCockroachStandIn } from "../cockroachdb-stand-in/start";
import { authenticationRequest } from "../support/authentication-request";
import { describeSearch, searchLeaks } from "../support/leaks";
import { loginAs } from "../support/login";
import { Stack, secretOf } from "../support/stack";
import { query } from "../support/targets";
import { wireTo } from "../support/wire";

const FOLDER = "examples/strict-isolation";
const program = readFileSync(resolve(import.meta.dirname, "../..", FOLDER, "index.ts"), "utf8");
/** As a server makes one, of whatever password. */
const STRANGERS =
  "SCRAM-SHA-256$4096:c3RyYW5nZXI0OHNhbHQ=$B5gk4Hn4u5lqQmH6kbE9DO6fGkOSa1vYIVg2cAPxcIA=:B5gk4Hn4u5lqQmH6kbE9DO6fGkOSa1vYIVg2cAPxcIA=";
const APPLY = ["--yes", "--skip-preview"];

/** What docs/guides/migrate-to-scram.md shows of previews, after its diagram. */
const SHOWN = readFileSync("docs/guides/migrate-to-scram.md", "utf8")
  .split(/^```.*\n/m)
  .filter((_, i) => i % 2 === 1)
  .slice(1)
  .map((text) => text.trimEnd().split("\n"));

/** In that order, whatever is between. */
function expectShown(output: string, lines: readonly string[] | undefined): void {
  let rest = output.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:5432");
  for (const line of lines ?? expect.fail("nothing is shown")) {
    const at = rest.indexOf(line.trim());
    expect(at, `${line}\n\nin\n\n${output}`).not.toBe(-1);
    rest = rest.slice(at);
  }
}

interface Server {
  readonly product: "postgresql" | "cockroachdb";
  readonly url: string;
  readonly port: number;
  /** What the old rules ask users with an old hash for. */
  readonly asksBefore: string;
  /** A role with a hash of the old kind. */
  old(name: string): string;
  /** Whether what is refused and forced is tried here too: it is the same on both products (integration/provider/isolation). */
  readonly withRefusals: boolean;
}

const SERVERS: Readonly<Record<string, () => Promise<Server>>> = {
  "PostgreSQL, from md5": async () => {
    const server = await startPostgres({}, { "pg_hba.conf": "host all all all md5\n" });
    onTestFinished(() => server.stop());
    return {
      product: "postgresql",
      withRefusals: true,
      url: server.url,
      port: server.port,
      asksBefore: "md5 password",
      old: (name) => `SET password_encryption = 'md5'; CREATE ROLE ${name} LOGIN PASSWORD 'abc'`,
    };
  },
  "the stand-in for CockroachDB, from bcrypt": async () => {
    const postgres = await startPostgres();
    const standIn = await startCockroachStandIn(postgres);
    onTestFinished(async () => {
      await standIn.stop();
      await postgres.stop();
    });
    const bcrypt = "CRDB-BCRYPT$2a$10$jeDfxx9fI7dDp3p0I3BTGOX2uKjnErlmgf74U0bp9KusDpAVypc1.";
    return {
      product: "cockroachdb",
      withRefusals: false,
      url: standIn.url,
      port: standIn.port,
      asksBefore: "cleartext password",
      old: (name) => `CREATE USER ${name} PASSWORD '${bcrypt}'`,
    };
  },
};

it.each(Object.entries(SERVERS))(
  "%s: three phases, none skipped and nobody forgotten; the example, twice",
  async (_name, start) => {
    const server = await start();
    const wire = await wireTo(server.url);
    const stack = await Stack.create({
      "Pulumi.yaml": { copy: `${FOLDER}/Pulumi.yaml` },
      "package.json": { copy: `${FOLDER}/package.json` },
      "tsconfig.json": { copy: `${FOLDER}/tsconfig.json` },
      "index.ts": program,
    });
    const phase = (number: number) => stack.succeed(configSet("phase", String(number)));
    const passwords = async () => {
      const made = (await stack.resources()).filter(({ type }) => type.includes("RandomPassword"));
      return made.map(
        ({ urn, outputs }) => [urn.split("::").at(-1) ?? "", secretOf(outputs?.result)] as [string, string],
      );
    };
    const everybodyLogsIn = async () => {
      for (const [username, password] of await passwords()) {
        expect(
          await loginAs(
            Object.assign(new URL(wire.url), { username, password: encodeURIComponent(password) }).href,
          ),
        ).toBe("in");
      }
    };
    await stack.succeed(configSetSecret("scram:connection", wire.url));
    await stack.succeed(configSet("product", server.product));
    for (const name of ["shop", "reports", "late"]) await query(server.url, server.old(name));
    expect(await authenticationRequest(server.port, "shop")).toBe(server.asksBefore);
    const asBefore = new URL(server.url);
    asBefore.searchParams.set("require_auth", "password,md5");
    expect(await loginAs(Object.assign(asBefore, { username: "shop", password: "abc" }).href)).toBe("in");

    // Not in the middle.
    if (server.withRefusals) {
      await phase(2);
      expect(await stack.fail(["preview"])).toContain("phase 2 cannot be the first: without phase 1");
    }

    await phase(1);
    const begun = await stack.up();
    expect(begun).toMatch(
      /main: strict isolation, phase 1 of 3 \(pre-hash: .*\); what remains: phase 2, new rules/,
    );
    expect(begun).toMatch(/isolated\s*: false/);
    expect(begun).toMatch(/reached\s*: 1\n/);
    expect(await authenticationRequest(server.port, "shop")).toBe("SCRAM");
    await everybodyLogsIn();
    expect(await stack.preview()).not.toMatch(/to (update|create|delete)/);

    await phase(2);
    expectShown(await stack.fail(["preview"]), SHOWN[1]);
    expect(await stack.fail(["up", ...APPLY])).toMatch(/having no SCRAM verifier: "late"/);
    await query(server.url, "DROP ROLE late");
    if (server.withRefusals) expectShown(await stack.preview(), SHOWN[0]);
    await stack.up();
    expect(await authenticationRequest(server.port, "shop")).toBe("SCRAM");
    await everybodyLogsIn();

    await phase(3);
    if (server.withRefusals) {
      stack.write("index.ts", program.replace('phase === 3 ? "since phase 3" : "before"', '"before"'));
      const same = await stack.fail(["preview"]);
      for (const user of ["shop", "reports"]) {
        expect(same).toContain(
          `users.${user}: the server may have seen the password of user "${user}", for a user of this set had it before phase 3; give another one`,
        );
      }
      stack.write("index.ts", program);
    }
    await query(server.url, `CREATE ROLE stranger LOGIN PASSWORD '${STRANGERS}'`);
    const third = await stack.preview();
    expectShown(third, SHOWN[2]);
    expect(third).toMatch(/not declared here, so that .* is not known here: .*"stranger"/);
    await query(server.url, "DROP ROLE stranger");
    const isolated = await stack.up();
    expect(isolated).toMatch(/isolated\s*: false => true/);
    expect(isolated).toMatch(/reached\s*: 2 => 3/);
    await stack.succeed(["refresh", ...APPLY]);
    expect(await stack.preview()).not.toMatch(/to (update|create|delete)/);
    await everybodyLogsIn();

    const canaries = (await passwords()).map(([label, secret]) => ({ label, secret }));
    const search = searchLeaks(canaries, wire.recorded());
    console.log(`current passwords on the wire of deployments and logins: ${describeSearch(search)}`);
    expect(search.hits).toEqual([]);

    if (server.withRefusals) {
      await phase(1);
      expect(await stack.fail(["preview"])).toContain("phase 1 cannot come after phase 3");

      // Forced, everybody keeps the password.
      const before = await passwords();
      const back = program
        .replace('phase === 3 ? "since phase 3" : "before"', '"since phase 3"')
        .replace("    phase,\n", "    phase,\n    force: true,\n");
      stack.write("index.ts", back);
      const forced = await stack.up();
      expect(forced).toMatch(/phase 1 cannot come after phase 3: .*; forced/);
      expect(forced).toMatch(/isolated\s*: true\s*=> false/);
      expect(new Map(await passwords())).toEqual(new Map(before));
      await everybodyLogsIn();
      stack.write("index.ts", program);
    }

    // Twice: what was adopted stays, and is taken over again.
    await stack.succeed(["destroy", ...APPLY]);
    expect(await authenticationRequest(server.port, "shop")).toBe("SCRAM");
    await phase(1);
    await stack.up();
    await stack.succeed(["destroy", ...APPLY]);
  },
  // Some twenty commands of the CLI.
  500_000,
);
