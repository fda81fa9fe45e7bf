import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** What a fragment takes for granted, unless it says so itself. */
const IMPORTS = {
  pulumi: 'import * as pulumi from "@pulumi/pulumi";',
  random: 'import * as random from "@pulumi/random";',
  assert: 'import assert from "node:assert";',
};
const GIVEN = {
  provider: "declare const provider: Provider;",
  password: "declare const password: pulumi.Output<string>;",
  other: "declare const other: pulumi.Output<string>;",
  users: "declare const users: pulumi.Resource[];",
};
const CLASSES = "AlternatingUsers AuthSettings HbaConfig Provider ScramUser ScramUserSet".split(" ");

/** Each TypeScript block of the README and the documents as a program, by its place. */
function programs(): Map<string, string> {
  const pages = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(root, "docs", name));
  const blocks = [join(root, "README.md"), ...pages].flatMap((page) => {
    const text = readFileSync(page, "utf8");
    return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""], i): [string, string] => [
      `${relative(root, page).replaceAll("/", ".")}.${i}.ts`,
      code,
    ]);
  });
  return new Map(blocks.map(([name, code]) => [join(root, name), completed(code)]));
}

function completed(code: string): string {
  const imported = (name: string) => new RegExp(`^import .*\\b${name}\\b.* from`, "m").test(code);
  const declared = (name: string) => new RegExp(`^const ${name}\\b`, "m").test(code);
  const lines = [
    ...Object.entries(IMPORTS).flatMap(([name, line]) => (imported(name) ? [] : [line])),
    ...CLASSES.filter((name) => !imported(name)).map((name) => `import { ${name} } from "pulumi-scram";`),
    ...Object.entries(GIVEN).flatMap(([name, line]) => (declared(name) ? [] : [line])),
  ];
  return `${lines.join("\n")}\n${code}export {};\n`;
}

it("every TypeScript block in the README and the documents compiles", { timeout: 60_000 }, () => {
  const { compilerOptions } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile).config;
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...compilerOptions, types: ["node"], paths: { "pulumi-scram": ["./src/index.ts"] } },
    root,
  );
  const files = programs();
  const program = "import { ScramUser } from 'pulumi-scram'; export declare const app: ScramUser;";
  const virtual = new Map([...files, [join(root, "program.ts"), program]]);
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => virtual.has(path) || fileExists.call(host, path);
  host.readFile = (path) => virtual.get(path) ?? readFile.call(host, path);
  host.getSourceFile = (path, ...rest) => {
    const text = virtual.get(path);
    return text === undefined
      ? getSourceFile.call(host, path, ...rest)
      : ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  };
  const compiled = ts.createProgram([...files.keys()], options, host);

  const problems = ts
    .getPreEmitDiagnostics(compiled)
    .map(({ file, messageText }) => [
      file && relative(root, file.fileName),
      ts.flattenDiagnosticMessageText(messageText, " "),
    ]);

  expect(files.size).toBeGreaterThan(7);
  expect(problems).toEqual([]);
});
