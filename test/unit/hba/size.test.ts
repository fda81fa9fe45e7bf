import { describe, expect, it } from "vitest";
import { explainHba, formatHba, lintHba, type Product, parseHbaLeniently } from "../../../src/hba";
import { hba } from "../../../src/provider";

/**
 * Texts of a size at which work that grows with its square takes minutes, longer than a test may. Whoever sends one by a merge
 * request, or has it on a server, is not to stop whoever lints it.
 */
const join = (count: number, item: (i: number) => string, separator = "\n") =>
  Array.from({ length: count }, (_, i) => item(i)).join(separator);

const MANY = 40_000;
const names = (count: number) => join(count, (i) => `user${i}`, ",");

const POSTGRESQL: readonly (readonly [what: string, text: string])[] = [
  ["names on continued lines", `host all ${join(MANY, (i) => `u${i},\\`)}\nx all reject`],
  ["columns on continued lines", join(MANY, (i) => `a${i} \\`)],
  ["options on continued lines", `host all all all ldap ${join(MANY, (i) => `ldapserver=${i} \\`)}\n x=`],
  ["continued lines of nothing", `host all all \\\r\n${join(MANY, () => "\\\r")}\n all reject`],
  ["a continued comment", `# ${join(MANY, () => "x \\")}`],
  ["options on one line", `host all all all ldap ${join(MANY, (i) => `ldapserver=${i}`, " ")}`],
  [
    "passwords on one line",
    `host all all all ldap ldapbasedn=x ${join(MANY, (i) => `ldapbindpasswd=${i}`, " ")}`,
  ],
  ["a word that looks like a password all along", `host all all all ldap ${"pwd".repeat(MANY)}`],
  ["a quote that is never closed", `host all "${"x ".repeat(1_000_000)}`],
  ["carriage returns", `host all all all reject${"\r".repeat(10 * MANY)}x`],
  [
    "expressions, and names to try them on",
    [(i: number) => `host all /^u${i}x all reject`, (i: number) => `host all u${i} all reject`]
      .map((line) => join(MANY / 10, line))
      .join("\n"),
  ],
  ["a host name of many parts", `host all all ${"a.".repeat(MANY)}x reject`],
  [
    "a number of many digits",
    `host all all ${"1".repeat(10 * MANY)} reject\nhost all all 0x${"f".repeat(10 * MANY)} reject`,
  ],
];

const EITHER: typeof POSTGRESQL = [
  ["a line of 2 MB", `host all ${"x".repeat(2_000_000)} all reject`],
  ["names and databases that multiply", `host ${names(2_000)} ${names(2_000)} all reject`],
  ["a long list twice", `host all ${names(MANY)} all reject\nhost all x,${names(MANY)} all reject`],
  ["a comment of blanks", `# ${" ".repeat(10 * MANY)}x`],
];

describe.each<[Product, typeof POSTGRESQL]>([
  ["postgresql", [...POSTGRESQL, ...EITHER]],
  ["cockroachdb", EITHER],
])("%s", (product, texts) => {
  it.each(texts)("%s", (_what, text) => {
    const file = parseHbaLeniently(text, product);
    expect(file.lines.map((line) => line.text).join("")).toBe(text);
    const said = lintHba(text, product).reduce((sum, { message }) => sum + message.length, 0);
    expect(said).toBeLessThan(100 * text.length);
    expect(formatHba(file, { normalise: true }).length).toBeLessThan(2 * text.length);
    const login = {
      user: "app",
      database: "app",
      address: "10.0.0.1",
      tls: false,
      storedHash: { kind: "none" },
    } as const;
    expect(explainHba(file, login, product).lines.length).toBeLessThanOrEqual(text.length);
  });

  it("names in a list, and roles to look them up in", () => {
    const roles = Array.from({ length: MANY / 2 }, (_, i) => ({
      name: `role${i}`,
      storedHash: { kind: "none" } as const,
    }));
    const findings = lintHba(`host all ${names(MANY / 2)} all scram-sha-256`, product, { roles });
    expect(findings.filter(({ code }) => code === "user-missing-on-server")).toHaveLength(MANY / 2);
  });

  it("a column of 1 MB among many rules is not what the others are padded to", () => {
    const text = `host all ${"x".repeat(1_000_000)} all reject\n${"host all all all reject\n".repeat(20_000)}`;
    expect(formatHba(parseHbaLeniently(text, product), { normalise: true }).length).toBeLessThan(
      2 * text.length,
    );
  });
});

it("what is not compared any more is told", () => {
  const text = `host ${names(2_000)} ${names(2_000)} all reject\nhost db0 u0 all trust`;
  expect(lintHba(text, "postgresql")).toContainEqual(
    expect.objectContaining({ line: 1, severity: "info", code: "rules-not-compared" }),
  );
  const usual = join(5_000, (i) => `host all user${i} 10.0.0.0/${8 + (i % 16)} scram-sha-256`);
  expect(lintHba(`${usual}\n${usual}`, "postgresql").map(({ code }) => code)).not.toContain(
    "rules-not-compared",
  );
});

it("rules that are declared, too: all of them new, and one that cannot be parsed", async () => {
  const product = "postgresql";
  const first = await hba.check({}, { product, text: join(MANY / 2, (i) => `host all a${i} all reject`) });
  const olds = { ...first.inputs };
  const { inputs } = await hba.check(olds, {
    product,
    text: join(MANY / 2, (i) => `host all b${i} all reject`),
  });
  expect(Object.keys(inputs?.rules ?? {})).toHaveLength(MANY / 2);
  const { failures = [] } = await hba.check(
    {},
    { product, text: `host all all all ${"pwd".repeat(10 * MANY)}` },
  );
  expect(failures).toHaveLength(1);
});
