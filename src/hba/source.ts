import { type DialectOptions, dialectOf, type Product } from "./dialect";
import type { HbaFile } from "./model";
import { parseHbaLeniently } from "./parse/parse";

/** Rules in any form: a text, or one that is parsed already. */
export type HbaSource = string | HbaFile;

/** @param options a version here is preferred to the one a file was parsed for */
export function fileOf(source: HbaSource, product: Product, options: DialectOptions = {}): HbaFile {
  const text = typeof source === "string" ? source : source.lines.map((line) => line.text).join("");
  if (typeof source === "string") return parseHbaLeniently(text, product, options);
  const dialect = dialectOf(product, { version: options.version ?? source.dialect.version });
  const same = source.dialect.product === product && source.dialect.version === dialect.version;
  return same ? source : parseHbaLeniently(text, product, dialect);
}
