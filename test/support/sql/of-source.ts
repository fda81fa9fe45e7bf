import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

const folder = resolve(import.meta.dirname, "../../../src/database");

/** How a statement begins, or a part of one; another part names what it takes with its schema. */
const SQL =
  /^\s*(SELECT|WITH|CASE|ARRAY|EXISTS|COALESCE|FROM|JOIN|WHERE|AND|OR|ORDER|GROUP|VALUES|INSERT|UPDATE|DELETE|ALTER|CREATE|DROP|GRANT|REVOKE|REASSIGN|SET|RESET|SHOW|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|DO|CALL|COPY|LOCK|TABLE|extract)\b|\bpg_catalog\./;

export interface SourceSql {
  /** Under src/database. */
  readonly file: string;
  /** With `$0` for what is put in where it runs. */
  readonly text: string;
}

/** Every literal in src/database that is SQL. */
export function sqlOfSource(): readonly SourceSql[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) =>
      literalsIn(readFileSync(join(folder, file), "utf8"))
        .filter((text) => SQL.test(text))
        .map((text) => ({ file, text })),
    );
}

function literalsIn(code: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    if (ts.isTemplateExpression(node)) {
      const { head, templateSpans } = node;
      const text = [head, ...templateSpans.map(({ literal }) => literal)]
        .map((part) => part.text)
        .join(" $0 ");
      found.push(text.replace(/^\s*\$0/, ""));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("", code, ts.ScriptTarget.Latest));
  return found;
}
