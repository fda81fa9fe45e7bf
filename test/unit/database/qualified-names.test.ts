import { describe, expect, it } from "vitest";
import { namesIn } from "../../support/sql/names";
import { sqlOfSource } from "../../support/sql/of-source";

/** Names that a statement leaves to the search_path. Operators are left to it: each transaction sets one (connection/transaction.ts). */
function bareNames(sql: string, known: readonly string[] = []): string[] {
  return namesIn(sql)
    .filter(({ kind, name, qualified }) => kind !== "operator" && !qualified && !known.includes(name))
    .map(({ kind, name }) => `${kind} ${name}`);
}

function knownIn(file: string): string[] {
  // CockroachDB's grammar has this type: it is not looked up. Whether it takes it qualified everywhere is not known.
  if (file.startsWith("cockroachdb/")) return ["text"];
  // A statement for format(): its places, and a string in doubled quotes.
  return file === "postgresql/hba/file.ts" ? ["l", "base64"] : [];
}

describe("functions, types and relations in our SQL are named with their schema", () => {
  const sources = sqlOfSource();

  it("all of them are looked at", () => {
    const files = new Set(sources.map(({ file }) => file));
    expect(files.size).toBeGreaterThan(10);
    expect(sources.length).toBeGreaterThan(60);
    const names = new Set(sources.flatMap(({ text }) => namesIn(text).map(({ name }) => name)));
    expect([...names]).toEqual(
      expect.arrayContaining(["pg_roles", "current_setting", "regclass", "=", "~~"]),
    );
  });

  it("in every file", () => {
    const bare = sources.flatMap(({ file, text }) =>
      bareNames(text, knownIn(file)).map((name) => `${file}: ${name}`),
    );
    expect(bare).toEqual([]);
  });

  it.each([
    ["SELECT current_setting('x')", "function current_setting"],
    ["SELECT coalesce(host(a), 'x') FROM pg_catalog.b", "function host"],
    ["SELECT pg_catalog.host(inet_client_addr())", "function inet_client_addr"],
    ["WHERE a < now()", "function now"],
    ['SELECT "now"()', "function now"],
    ["SELECT x FROM pg_catalog.a, unnest(b) AS x", "function unnest"],
    ["SELECT a::text FROM pg_catalog.b", "type text"],
    ["SELECT $1::text[]", "type text"],
    ["SELECT '$0'::regclass", "type regclass"],
    ["SELECT date '2000-01-01'", "type date"],
    ["SELECT 1 FROM pg_roles r WHERE r.a = 1", "relation pg_roles"],
    ["SELECT 1 FROM pg_catalog.a JOIN pg_roles USING (b)", "relation pg_roles"],
    [
      "SELECT 1 FROM pg_catalog.a x, pg_roles y WHERE EXISTS (SELECT 1 FROM pg_catalog.c)",
      "relation pg_roles",
    ],
    ["SELECT 1 FROM $0", "relation 0"],
  ])("a bare one is found: %s", (sql, found) => {
    expect(bareNames(sql)).toEqual([found]);
  });

  it.each([
    "SELECT pg_catalog.to_char(a, 'x')::pg_catalog.text FROM pg_catalog.b WHERE c IN (1) AND d LIKE '%' AND extract(epoch FROM e) > 0",
    "WITH a AS (SELECT 1), b AS (SELECT 2) SELECT 1 FROM a, b",
    "WITH RECURSIVE m (a, b) AS (SELECT 1, 2 UNION SELECT m.a FROM m JOIN pg_catalog.$0 ON true) SELECT ARRAY(SELECT 1) FROM m",
    "SELECT pg_catalog.f(n, v) FROM (VALUES ('a', 'b')) AS t (n, v) WHERE CASE n WHEN 'a' THEN 'b' ELSE 'c' END = 'd'",
    'REVOKE "a" FROM "b"',
  ])("and nothing else: %s", (sql) => {
    expect(bareNames(sql)).toEqual([]);
  });

  it("an operator is found under every name that it has", () => {
    const sql =
      "SELECT a || b FROM pg_catalog.c WHERE d <> 1 AND e !~ 'f' AND g NOT LIKE 'h' AND i IN (1) AND j >= 2";
    const found = namesIn(sql).filter(({ kind }) => kind === "operator");
    expect(new Set(found.map(({ name }) => name))).toEqual(
      new Set(["||", "<>", "!~", "~~", "!~~", "=", ">="]),
    );
  });
});
