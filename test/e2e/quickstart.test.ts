import { expect, it, onTestFinished } from "vitest";
import { configSetSecret } from "../../tools/engine/config-set.mts";
import { startPostgres } from "../../tools/postgres/server.mts";
import { startCockroachStandIn } from "../cockroachdb-stand-in/start";
import { createAdmin, serverUrl, watchServerLog } from "../support/server";
import { Stack, secretOf } from "../support/stack";
import { type Target, target } from "../support/targets";

interface Place {
  readonly server: Target;
  /** The administrator's URL, for the program. */
  readonly connection: string;
  /** All that the program's sessions have sent the server, where that can be seen. */
  sent?(): Promise<string>;
}

const real = process.env.SCRAM_TEST_COCKROACH_URL;

const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  PostgreSQL: async () => {
    // CREATEROLE only: such an administrator cannot keep its statements out of the server's log.
    const admin = await createAdmin("CREATEROLE");
    return {
      server: target("postgresql", () => serverUrl()),
      connection: admin.url,
      sent: watchServerLog(admin.user),
    };
  },
  "the stand-in for CockroachDB": async () => {
    const postgres = await startPostgres();
    const standIn = await startCockroachStandIn(postgres);
    onTestFinished(async () => {
      await standIn.stop();
      await postgres.stop();
    });
    const { url, statements } = standIn;
    return {
      server: target("cockroachdb", () => url),
      connection: url,
      sent: async () => statements.join("\n"),
    };
  },
  ...(real !== undefined && {
    CockroachDB: async () => ({ server: target("cockroachdb", () => real), connection: real }),
  }),
};

it.each(Object.entries(PLACES))(
  "the quickstart example on %s: deployed, deployed again, rotated, refreshed, destroyed",
  async (_name, start) => {
    const { server, connection, sent } = await start();
    const stack = await Stack.create({
      "Pulumi.yaml": { copy: "Pulumi.yaml" },
      "examples/quickstart": { copy: "examples/quickstart" },
    });
    await stack.succeed(configSetSecret("scram:connection", connection));
    await stack.succeed(configSetSecret("appPassword", "-Canary-first"));

    // Preview, with the types checked as Pulumi does: the random password is not known yet; nothing is sent.
    const preview = await stack.preview({ PULUMI_NODEJS_TRANSPILE_ONLY: "false" });
    expect(preview).toMatch(/verifier\s*: \[secret\]/);
    expect(preview).toMatch(/generation\s*: 1/);
    if (sent) expect(await sent()).toBe("");

    await stack.up();
    const app = await stack.resource("app");
    expect(await server.storedHash("app")).toBe(secretOf(app.outputs?.verifier));
    expect(await server.login("app", "-Canary-first")).toBe("app");
    await expect(server.login("app", "Canary-wrong")).rejects.toThrow(
      /password authentication failed for user "?app"?/,
    );
    const random = (await stack.resources()).find(({ type }) => type.startsWith("random:"));
    const reportingPassword = String(secretOf(random?.outputs?.result));
    expect(await server.login("reporting", reportingPassword)).toBe("reporting");
    if (sent) expect(await sent()).toMatch(/(ALTER|CREATE) ROLE "app" .*PASSWORD '/);

    // The same again: nothing to do, nothing sent.
    const sentBefore = (await sent?.())?.length ?? 0;
    const second = await stack.up();
    expect(second).toMatch(/\d unchanged/);
    expect(second).not.toMatch(/created|updated/);
    if (sent) expect((await sent()).slice(sentBefore)).not.toMatch(/CREATE|ALTER|DROP/);

    // A rotation shows in the preview, and neither password nor verifier does.
    await stack.succeed(configSetSecret("appPassword", "-Canary-second"));
    const rotation = await stack.changes();
    expect(rotation).toMatch(/~ generation\s*: 1 => 2/);
    expect(rotation).toMatch(/~ verifier\s*: \[secret\] => \[secret\]/);
    expect(rotation).not.toContain("reporting");
    expect(await server.login("app", "-Canary-first")).toBe("app");
    await stack.up();
    await expect(server.login("app", "-Canary-first")).rejects.toThrow("password authentication failed");
    expect(await server.login("app", "-Canary-second")).toBe("app");

    await stack.succeed(["refresh", "--yes", "--skip-preview"]);
    await stack.succeed(["preview", "--expect-no-changes"]);

    // No password, in any form, in what was printed, sent or recorded: but for what RandomPassword records of its own.
    expect(stack.transcript).not.toMatch(/Canary-|SCRAM-SHA-256\$\d/);
    expect(stack.files()).not.toMatch(/Canary-|SCRAM-SHA-256\$\d/);
    if (sent) expect(await sent()).not.toMatch(/Canary-/);
    const resources = await stack.resources();
    expect(JSON.stringify(resources)).not.toMatch(/Canary-/);
    const withPassword = resources.filter((resource) => JSON.stringify(resource).includes(reportingPassword));
    expect(withPassword.map(({ urn }) => urn)).toEqual([random?.urn]);

    await stack.succeed(["destroy", "--yes", "--skip-preview"]);
    expect(await server.storedHash("app")).toBeUndefined();
    expect(await server.storedHash("reporting")).toBeUndefined();
    expect(await stack.resources()).toEqual([]);
    // And once more from the beginning.
    await stack.up();
    await stack.succeed(["destroy", "--yes", "--skip-preview"]);
  },
);
