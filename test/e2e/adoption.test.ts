import { randomUUID } from "node:crypto";
import { describe, expect, it, onTestFinished } from "vitest";
import { startPostgres } from "../../tools/postgres/server.mts";
import { loginAs } from "../support/login";
import { serverUrl, sql } from "../support/server";
import { Stack } from "../support/stack";
import { query } from "../support/targets";

/** A user by itself, or users in a set, declared by what the environment says; a password that is not given is random. */
const PROGRAM = `
  const { RandomPassword } = require("@pulumi/random");
  const { ScramUser, ScramUserSet } = require("pulumi-scram");
  const { single, set } = JSON.parse(process.env.ARGS);
  const drawn = ({ random, ...args }) => random ? { ...args, password: new RandomPassword("pw", { length: 24 }).result } : args;
  if (single !== undefined) new ScramUser("app", drawn(single));
  if (set !== undefined) new ScramUserSet("apps", { users: set });
`;
const env = (args: object, url = serverUrl()) => ({ SCRAM_DATABASE_URL: url, ARGS: JSON.stringify(args) });
const name = () => `adopt_${randomUUID().slice(0, 8)}`;
const UP = ["up", "--yes", "--skip-preview"];

async function anotherServer(...roles: string[]): Promise<string> {
  const { url, stop } = await startPostgres();
  onTestFinished(() => stop());
  for (const role of roles) await query(url, `CREATE ROLE ${role} CREATEDB LOGIN PASSWORD 'theirs'`);
  return url;
}

const takenOver = (username: string) =>
  new RegExp(
    `user "${username}" is on .* already and is taken over: createDb becomes false, gets the declared password`,
    "g",
  );
/** What a user reads is wrapped nowhere. */
const times = (text: string, what: RegExp) => [...text.matchAll(what)].length;

describe("the preview tells what will be taken over", () => {
  it("with a RandomPassword, which the first preview does not know", async () => {
    const stack = await Stack.create(PROGRAM);
    const username = name();
    await sql(`CREATE ROLE ${username} CREATEDB LOGIN PASSWORD 'theirs'`);

    const preview = await stack.preview(env({ single: { username, adopt: true, random: true } }));

    expect(preview).toMatch(takenOver(username));
  });

  it("where `adopt` is declared together with another server, and says it once in each", async () => {
    const stack = await Stack.create(PROGRAM);
    const username = name();
    await stack.up(env({ single: { username, password: "Canary-pw" } }));
    const other = await anotherServer(username);
    const args = env({ single: { username, password: "Canary-pw", adopt: true } }, other);

    const preview = await stack.preview(args);
    const up = await stack.up(args);

    // The engine shows each line while it works, and again at the end.
    const [, atTheEnd = ""] = up.split("Diagnostics:");
    expect(times(preview, takenOver(username)), preview).toBe(1);
    expect(times(atTheEnd, takenOver(username)), up).toBe(1);
  });
});

describe("`adopt` declared all along, and then another server: the message's advice works, to the letter", () => {
  it("for a user", async () => {
    const stack = await Stack.create(PROGRAM);
    const username = name();
    const args = { single: { username, password: "Canary-pw", adopt: true } };
    await stack.up(env(args));
    const url = await anotherServer(username);

    const failed = await stack.fail(UP, env({ single: { ...args.single, createRole: true } }, url));
    expect(failed).toMatch(
      /run `pulumi state delete` for this resource .*: with `adopt: true`, as it is declared, the next `pulumi up` takes that role over/,
    );
    const { urn } = await stack.resource("app");
    await stack.succeed(["state", "delete", "--yes", urn]);
    const preview = await stack.preview(env(args, url));
    await stack.up(env(args, url));

    expect(preview).toMatch(takenOver(username));
    expect(await loginAs(Object.assign(new URL(url), { username, password: "Canary-pw" }).href)).toBe("in");
  });

  it("for one of a set, whose other users then need `adopt` too", async () => {
    const stack = await Stack.create(PROGRAM);
    const [adopted, other] = [name(), name()];
    const password = "Canary-pw";
    await stack.up(env({ set: { [adopted]: { password, adopt: true }, [other]: { password } } }));
    const url = await anotherServer(adopted, other);

    const changed = { [adopted]: { password, adopt: true, createRole: true }, [other]: { password } };
    expect(await stack.fail(UP, env({ set: changed }, url))).toMatch(
      /run `pulumi state delete` for this resource \(a set goes with all its users, each of which then needs `adopt: true`\)/,
    );
    const { urn } = await stack.resource("apps");
    await stack.succeed(["state", "delete", "--yes", urn]);
    await stack.up(
      env({ set: { [adopted]: { password, adopt: true }, [other]: { password, adopt: true } } }, url),
    );

    for (const username of [adopted, other])
      expect(await loginAs(Object.assign(new URL(url), { username, password }).href)).toBe("in");
  });
});
