import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CASES, readRecording, recordedRules } from "../support/earlier-states";
import { loginAs } from "../support/login";
import { Stack } from "../support/stack";
import { query } from "../support/targets";

/** What the state holds of this server and its roles. */
async function filledIn(recording: object, url: string): Promise<string> {
  const text = JSON.stringify(recording).replaceAll("{{url}}", url);
  if (!text.includes("{{")) return text;
  const [{ cluster } = { cluster: "" }] = await query<{ cluster: string }>(
    url,
    "SELECT system_identifier::text AS cluster FROM pg_control_system()",
  );
  const roles = await query<{ name: string; oid: string }>(
    url,
    "SELECT rolname AS name, oid::text AS oid FROM pg_roles",
  );
  return roles.reduce(
    (filled, { name, oid }) => filled.replaceAll(`{{oid ${name}}}`, oid),
    text.replaceAll("{{cluster}}", cluster),
  );
}

const rolesOf = async (url: string) =>
  (await query<{ name: string }>(url, "SELECT rolname AS name FROM pg_roles")).map(({ name }) => name).sort();

it.each(Object.entries(CASES))(
  "a state of version 0.1.0 refreshes and previews without a change, rotates and is destroyed: %s",
  async (name, { program, recordedAt, before, configured = [], start, logins, left, restored = {} }) => {
    // Given a server as the state says, and the state.
    const { sql, deployment } = readRecording(name);
    const { url } = await start(recordedRules({ sql, deployment }));
    const rolesBefore = await rolesOf(url);
    for (const statement of [...sql, ...configured]) await query(url, statement);
    const stack = await Stack.create(program);
    const file = join(stack.project.folder, ".tmp/state.json");
    const [, salt] = /encryptionsalt: (\S+)/.exec(stack.read("Pulumi.dev.yaml")) ?? [];
    const recorded = JSON.parse(await filledIn(deployment, url));
    // An import encrypts the secrets, with what the stack has for that.
    const secrets_providers = { type: "passphrase", state: { salt } };
    writeFileSync(file, JSON.stringify({ version: 3, deployment: { ...recorded, secrets_providers } }));
    await stack.succeed(["stack", "import", "--file", file]);
    const env = (rotation: number) => ({ SCRAM_DATABASE_URL: url, ROTATION: String(rotation) });

    // Then a refresh and a preview find nothing to do.
    const refreshed = await stack.succeed(["refresh", "--yes", "--skip-preview", "--diff"], env(recordedAt));
    expect(refreshed).toMatch(/^ *\d+ unchanged$/m);
    expect(refreshed).not.toMatch(/updated|deleted/);
    const preview = await stack.changes(env(recordedAt));
    expect(preview).not.toMatch(/to (update|create|delete|replace)/);

    // And one more rotation is one, and works.
    const rotation = await stack.changes(env(recordedAt + 1));
    const due = Object.values(logins).filter((password) => password.endsWith(`-${recordedAt + 1}`));
    expect(rotation.match(/generation *: \d => \d/g) ?? []).toHaveLength(due.length);
    await stack.up(env(recordedAt + 1));
    for (const [username, password] of Object.entries(logins)) {
      expect(await loginAs(Object.assign(new URL(url), { username, password }).href), username).toBe("in");
    }

    // And what was made is gone in the end.
    await stack.succeed(["destroy", "--yes", "--skip-preview"], env(recordedAt + 1));
    const kept = before.map((statement) => statement.split(" ")[2] ?? "");
    expect(await rolesOf(url)).toEqual([...rolesBefore, ...kept, ...left].sort());
    for (const [statement, value] of Object.entries(restored)) {
      const [row = {}] = await query<Record<string, string>>(url, statement);
      expect(Object.values(row)).toEqual([value]);
    }
  },
);
