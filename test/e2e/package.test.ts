import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../tools/temporary-folder.mts";

const repository = resolve(import.meta.dirname, "../..");
const bin = (name: string) => join(repository, "node_modules/.bin", name);

/** The package as a user gets it: packed, then installed in an empty project. */
describe("the packed package", () => {
  let project = "";
  let tarball = "";
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: project, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

  beforeAll(() => {
    project = temporaryFolder("package");
    const packed = run("npm", "pack", repository, "--ignore-scripts", "--json");
    tarball = JSON.parse(packed)[0].filename;
    writeFileSync(join(project, "package.json"), JSON.stringify({ name: "empty", private: true }));
    run("npm", "install", `./${tarball}`, "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund");
  });

  afterAll(() => rmSync(project, { recursive: true, force: true }));

  const exported = {
    "pulumi-scram": "ScramUser",
    "pulumi-scram/scram": "deriveVerifier",
    "pulumi-scram/hba": "matchHba",
    "pulumi-scram/provider": "user",
  };

  it.each(Object.entries(exported))("%s loads by require and by import", (path, name) => {
    const required = run("node", "-e", `console.log(typeof require("${path}").${name})`);
    const imported = run(
      "node",
      "--input-type=module",
      "-e",
      `import { ${name} } from "${path}"; console.log(typeof ${name})`,
    );
    expect([required, imported].map((text) => text.trim())).toEqual(
      Array(2).fill(path.endsWith("provider") ? "object" : "function"),
    );
  });

  it("brings the command, and the documents that it names", () => {
    const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
    const command = join(project, "node_modules/.bin/pulumi-scram");
    expect(statSync(command).mode & 0o111).toBe(0o111);
    // Not by itself: in a temporary folder, programs may perhaps not be run.
    expect(run("node", command, "--version").trim()).toBe(version);
    const home = join(project, "node_modules/pulumi-scram");
    for (const name of [
      "reference/command.md",
      "guides/portable-passwords.md",
      "reference/users.schema.json",
    ])
      expect(existsSync(join(home, "docs", name)), name).toBe(true);
  });

  it("brings all that its README and documents link to", () => {
    const home = join(project, "node_modules/pulumi-scram");
    const pages = [
      "README.md",
      ...readdirSync(join(home, "docs"), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".md"))
        .map((name) => join("docs", name)),
    ];
    const links = pages
      .filter((page) => page.endsWith(".md"))
      .flatMap((page) =>
        [...readFileSync(join(home, page), "utf8").matchAll(/\]\((?![a-z]+:)([^)#\s]+)/g)].map(
          ([, path = ""]) => join(page, "..", path),
        ),
      );
    expect(links.length).toBeGreaterThan(20);
    expect([...new Set(links)].filter((path) => !existsSync(join(home, path)))).toEqual([]);
  });

  it("require and import give one and the same class", () => {
    const same = `import { createRequire } from "node:module"; import { ScramUser } from "pulumi-scram";
      console.log(ScramUser === createRequire(import.meta.url)("pulumi-scram").ScramUser)`;
    expect(run("node", "--input-type=module", "-e", same).trim()).toBe("true");
  });

  it.each([
    ["CommonJS as Pulumi's templates have it", "ts", "commonjs"],
    ["CommonJS of Node", "cts", "nodenext"],
    ["ES modules of Node", "mts", "nodenext"],
  ])("has types for %s", (_case, extension, module) => {
    const program = (password: string) => `import { ScramUser, HbaConfig } from "pulumi-scram";
      import { deriveVerifier, type Verifier } from "pulumi-scram/scram";
      import { matchHba } from "pulumi-scram/hba";
      export const verifier: Promise<Verifier> = deriveVerifier("pw", { salt: Buffer.alloc(16), iterations: 4096 });
      export const user = new ScramUser("app", { password: ${password} });
      export const hba = new HbaConfig("hba", { product: "cockroachdb", rules: [{ type: "local", user: "all", method: "password" }] });
      export const match = matchHba;`;
    writeFileSync(join(project, `right.${extension}`), program(`"pw"`));
    writeFileSync(join(project, `wrong.${extension}`), program("5"));
    const types = ["--typeRoots", join(repository, "node_modules/@types"), "--types", "node"];
    const files = [`right.${extension}`, `wrong.${extension}`];
    const compile = () =>
      run(bin("tsc"), "--noEmit", "--strict", "--skipLibCheck", "--module", module, ...types, ...files);

    const complaints = (() => {
      try {
        return compile();
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    })();

    expect(complaints.trim().split("\n")[0]).toMatch(
      new RegExp(`^wrong\\.${extension}.*Type 'number' is not assignable`),
    );
    expect(complaints).not.toContain("right.");
  });

  it("passes are-the-types-wrong and publint", () => {
    // ESM programs get the CommonJS build: one copy of the code, whoever loads it.
    expect(run(bin("attw"), tarball, "--format", "ascii")).toContain("No problems found");
    run(bin("publint"), tarball, "--strict");
  });

  it("holds the build and its documents, and nothing of the tools and tests", () => {
    const files: { path: string }[] = JSON.parse(
      run("npm", "pack", repository, "--ignore-scripts", "--json", "--dry-run"),
    )[0].files;
    const folders = new Set(files.map(({ path }) => path.split("/")[0]));
    expect([...folders].sort()).toEqual([
      "CHANGELOG.md",
      "CONTRIBUTING.md",
      "LICENSE",
      "README.md",
      "SECURITY.md",
      "dist",
      "docs",
      "examples",
      "package.json",
    ]);
  });
});
