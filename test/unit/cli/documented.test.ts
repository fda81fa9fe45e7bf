import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../tools/temporary-folder.mts";
import { cli } from "../../support/cli";
import { screensOf } from "../../support/screens";

const document = resolve("docs/reference/command.md");
const screens = screensOf(document);
const home = process.cwd();
const folder = temporaryFolder("documented");

/** As a shell splits it: by spaces, but not within single quotes. */
function split(line: string): { args: string[]; input?: string } {
  const [command = "", file] = line.split(" < ");
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  return { args: words.slice(1), ...(file !== undefined && { input: readFileSync(file, "utf8") }) };
}

describe("the screens in docs/reference/command.md are what the command prints", () => {
  beforeAll(() => {
    const blocks = [...readFileSync(document, "utf8").matchAll(/```conf\n([\s\S]*?)```/g)];
    process.chdir(folder);
    // One that does not begin with its name is a pg_hba.conf.
    for (const [, rules = ""] of blocks) {
      const [, name = "pg_hba.conf"] = /^# (\S+\.conf)$/m.exec(rules) ?? [];
      writeFileSync(name, rules);
    }
    writeFileSync("password.txt", "password\n");
    return () => process.chdir(home);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  // Those that ask a server are compared in test/integration/cli.
  const local = [...screens].filter(([line]) => /^pulumi-scram (hash|verify|inspect|hba) /.test(line));

  it("all of them", () => expect(local).toHaveLength(7));

  it.each(local)("%s", async (line, screen) => {
    const { args, ...situation } = split(line);
    expect((await cli(args, situation)).out).toBe(screen);
  });
});

it("docs/reference/command.md has every finding of the audit, and its severity", () => {
  const made = readdirSync("src/audit")
    .filter((name) => name.endsWith(".ts"))
    .flatMap((file) => {
      const code = readFileSync(join("src/audit", file), "utf8");
      return [...code.matchAll(/\b(error|warning|info)\(\s*"([a-z0-9-]+)"/g)].map(([, severity, name]) => [
        name,
        severity,
      ]);
    });
  const rows = [
    ...readFileSync(document, "utf8").matchAll(/^\| `([a-z0-9-]+)` \| ((?:error|warning|info)[^|]*) \|/gm),
  ];
  const documented = rows.flatMap(([, name, severities = ""]) =>
    severities.split(", or ").map((severity) => [name, severity]),
  );
  expect(made.length).toBeGreaterThan(10);
  expect(new Set(documented.map(String))).toEqual(new Set(made.map(String)));
});
