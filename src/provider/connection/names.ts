import { foldName, type Product } from "../../hba";

/** Whether two names are one user: CockroachDB knows no other spelling of a name than its own. */
export function isSameName(product: Product, a: string, b: string): boolean {
  return product === "cockroachdb" ? foldName(a) === foldName(b) : a === b;
}
