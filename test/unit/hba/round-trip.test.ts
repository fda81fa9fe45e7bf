import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { UserError } from "../../../src/errors";
import { formatHba, lintHba, type Product, parseHba, parseHbaLeniently } from "../../../src/hba";
import { hbaText } from "./texts";

const RUNS = 10_000;
/** A second or two on an idle machine. */
const TIMEOUT = 60_000;
const PRODUCTS: Product[] = ["cockroachdb", "postgresql"];
const VERSIONS: Record<Product, string[]> = { cockroachdb: ["22.1", "26.1"], postgresql: ["15", "18"] };

/** What the lines mean, whatever they look like. */
function meaning(text: string, product: Product, version: string): unknown[] {
  return parseHbaLeniently(text, product, { version }).lines.flatMap((line): unknown[] => {
    if (line.kind === "invalid") return [line.error.problem];
    if (line.kind !== "rule") return line.kind === "include" ? [line.path] : [];
    const { connection, databases, users, address, method, options } = line.entry;
    const values = (tokens: typeof users) => tokens.map(({ value, quoted }) => [value, quoted]);
    const where =
      address && (address.kind === "network" ? address.network : [address.kind, address.token.value]);
    const given = options.map(({ name, value }) => [name, value]);
    return [[connection.type, values(databases), values(users), where, method.value, method.quoted, given]];
  });
}

describe.each(PRODUCTS)("any text of %s", (product) => {
  const counted = { exact: 0, valid: 0 };
  afterAll(() => {
    console.log(`${product}: ${counted.exact} texts came back byte for byte, ${counted.valid} of them valid`);
  });

  it.each(VERSIONS[product])(
    "comes back byte for byte, read for %s",
    (version) => {
      fc.assert(
        fc.property(hbaText, (text) => {
          const file = parseHbaLeniently(text, product, { version });
          expect(formatHba(file)).toBe(text);
          counted.exact++;
          if (!file.lines.some((line) => line.kind === "invalid")) counted.valid++;
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT,
  );

  it.each(VERSIONS[product])(
    "means the same when normalised, and is normal then, for %s",
    (version) => {
      fc.assert(
        fc.property(hbaText, (text) => {
          const normal = formatHba(parseHbaLeniently(text, product, { version }), { normalise: true });
          expect(meaning(normal, product, version)).toEqual(meaning(text, product, version));
          const again = parseHbaLeniently(normal, product, { version });
          expect(formatHba(again, { normalise: true })).toBe(normal);
        }),
        { numRuns: 2_000 },
      );
    },
    TIMEOUT,
  );

  it(
    "is parsed or refused, with nothing but a UserError, and linted in any case",
    () => {
      fc.assert(
        fc.property(
          fc.oneof(hbaText, fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" })),
          (text) => {
            try {
              parseHba(text, product);
            } catch (error) {
              expect(error).toBeInstanceOf(UserError);
            }
            for (const { line, severity, message } of lintHba(text, product)) {
              expect(message).not.toBe("");
              expect(["error", "warning", "info"]).toContain(severity);
              expect(line).toBeGreaterThanOrEqual(0);
            }
          },
        ),
        { numRuns: 2_000 },
      );
    },
    TIMEOUT,
  );
});
