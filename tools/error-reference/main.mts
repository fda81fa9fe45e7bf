import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

/** Makes docs/reference/errors.md from what the source throws: each code with its sentences. A test compares the two. */

const root = resolve(import.meta.dirname, "../..");

/** A sentence of the source, with `…` for what is filled in. */
function sentenceOf(node: ts.Expression | undefined, source: ts.SourceFile): string | undefined {
  if (node === undefined) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join("");
  if (ts.isConditionalExpression(node))
    return sentenceOf(node.whenTrue, source) ?? sentenceOf(node.whenFalse, source);
  if (ts.isIdentifier(node)) return constantOf(node.text, source);
  return undefined;
}

function constantOf(name: string, source: ts.SourceFile): string | undefined {
  let found: string | undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText(source) === name)
      found ??= sentenceOf(node.initializer, source);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function propertyOf(node: ts.Expression | undefined, name: string, source: ts.SourceFile) {
  if (node === undefined || !ts.isObjectLiteralExpression(node)) return undefined;
  const property = node.properties.find((each) => each.name?.getText(source) === name);
  return property !== undefined && ts.isPropertyAssignment(property)
    ? sentenceOf(property.initializer, source)
    : undefined;
}

interface Row {
  readonly code: string;
  readonly problem: string;
  readonly hint: string | undefined;
}

function rowsIn(path: string): Row[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const rows: Row[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText(source) === "UserError") {
      const [code, problem, options] = node.arguments ?? [];
      if (code !== undefined && ts.isStringLiteral(code)) {
        const words = ts.isArrayLiteralExpression(problem as ts.Node)
          ? undefined
          : sentenceOf(problem, source);
        rows.push({ code: code.text, problem: words ?? "", hint: propertyOf(options, "hint", source) });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return rows;
}

/** Of the tables in sentences.ts: a code, and what is said of it. */
function tableRows(name: string): Row[] {
  const path = join(root, "src/database/session/sentences.ts");
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const rows: Row[] = [];
  const objectsIn = (node: ts.Node): ts.ObjectLiteralExpression[] => {
    const inner: ts.ObjectLiteralExpression[] = [];
    const look = (each: ts.Node): void => {
      if (ts.isObjectLiteralExpression(each) && propertyOf(each, "problem", source) !== undefined)
        inner.push(each);
      ts.forEachChild(each, look);
    };
    look(node);
    return inner;
  };
  const functions = new Map(
    source.statements.filter(ts.isFunctionDeclaration).map((each) => [each.name?.text ?? "", each]),
  );
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText(source) === name) {
      for (const property of (node.initializer as ts.ObjectLiteralExpression).properties) {
        if (!ts.isPropertyAssignment(property)) continue;
        const code = property.name.getText(source).replaceAll('"', "");
        const body = ts.isIdentifier(property.initializer)
          ? (functions.get(property.initializer.text) as ts.Node)
          : property.initializer;
        const [sentence] = objectsIn(body);
        const problem = sentence && propertyOf(sentence, "problem", source);
        rows.push({ code, problem: problem ?? "", hint: sentence && propertyOf(sentence, "hint", source) });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return rows;
}

function table(rows: readonly Row[]): string {
  const byCode = new Map<string, Row[]>();
  for (const row of rows) byCode.set(row.code, [...(byCode.get(row.code) ?? []), row]);
  const cell = (texts: readonly (string | undefined)[]) =>
    [...new Set(texts.filter((text) => text))]
      .map((text) => text?.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("\n", " "))
      .join("<br>");
  const lines = [...byCode]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([code, of]) =>
        `| \`${code}\` | ${cell(of.map(({ problem }) => problem)) || "(each case in words of its own)"} | ${cell(of.map(({ hint }) => hint))} |`,
    );
  return ["| code | what is said | and what to do |", "|---|---|---|", ...lines].join("\n");
}

export function errorReference(): string {
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .sort();
  const ours = files.map((name) => ({ name, rows: rowsIn(join(root, "src", name)) }));
  const of = (isMeant: (name: string) => boolean) =>
    table(ours.filter(({ name }) => isMeant(name)).flatMap(({ rows }) => rows));
  return `# Errors by code

Made from the source by \`node tools/error-reference/main.mts\`. A \`UserError\` has a stable \`code\`; its sentence may be reworded. \`…\` is what
each case fills in. At the end of a message from a server, a driver or the network, its code stands in brackets.

## Users, rules, settings, the connection, the command

${of((name) => !name.startsWith("scram/"))}

## Passwords, verifiers and the SCRAM exchange

${of((name) => name.startsWith("scram/"))}

## What the server says, by SQLSTATE

PostgreSQL documentation, appendix A; CockroachDB uses the same. Any other SQLSTATE comes with the server's own words.

${table(tableRows("OF_THE_SERVER"))}

## What happens on the way to it

Beside these, Node's codes (\`ECONNREFUSED\`, \`ENOTFOUND\`, …: the server cannot be reached) and OpenSSL's (\`CERT_HAS_EXPIRED\`, …: its certificate).

${table(tableRows("OF_THE_CLIENT"))}
`;
}

if (import.meta.main) writeFileSync(join(root, "docs/reference/errors.md"), errorReference());
