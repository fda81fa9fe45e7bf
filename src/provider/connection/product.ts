import type { Product } from "../../hba";
import { choiceRule } from "../protocol/rules";
import type { Json } from "../protocol/wire";

const PRODUCTS: readonly Product[] = ["cockroachdb", "postgresql"];

/** The field of a resource that is declared for one product and judged without a connection. */
export const PRODUCT = {
  rule: choiceRule(PRODUCTS),
  required: true,
  read: (value: Json | undefined) => value as Product,
  write: (value: Product) => value,
} as const;
