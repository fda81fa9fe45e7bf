import { textProblem } from "../../scram/text";
import type { Product } from "../dialect";

/** What is wrong with a value that is given; nothing when it is right. */
type Judge = (value: unknown, product: Product) => string | undefined;

const TYPES: Readonly<Record<Product, readonly string[]>> = {
  cockroachdb: ["local", "host", "hostssl", "hostnossl"],
  postgresql: ["local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"],
};

/** What a name may be instead of text, by its one key. CockroachDB has neither groups nor expressions. */
const NAMES: Readonly<Record<"database" | "user", Readonly<Record<Product, readonly string[]>>>> = {
  database: { cockroachdb: ["name"], postgresql: ["name", "matches"] },
  user: { cockroachdb: ["name"], postgresql: ["name", "matches", "memberOf"] },
};

const PARTS: Readonly<Record<string, Judge>> = {
  type: (value, product) =>
    TYPES[product].includes(value as string) ? undefined : `must be one of ${TYPES[product].join(", ")}`,
  database: (value, product) => names(value, NAMES.database[product]),
  user: (value, product) => names(value, NAMES.user[product]),
  address: (value) =>
    isText(value) ? undefined : "must be text: a network such as 10.0.0.0/8, an IP address, or all",
  // Anything more would be written as a column of its own.
  method: (value) =>
    isText(value) && /^[\w-]+$/.test(value)
      ? undefined
      : "must be the name of a method, for instance scram-sha-256",
  options: optionsProblem,
  comment: (value) => (typeof value === "string" ? undefined : "must be text"),
};

/**
 * What the compiler would have refused of a rule, in a sentence. From JavaScript, or from JSON, a misspelt column would be
 * passed over, and the rule be for more than was meant. No value is repeated: an option may be a password.
 */
export function malformed(rule: unknown, product: Product): string | undefined {
  if (!isObject(rule)) return FORM;
  const given = Object.entries(rule).filter(([, value]) => value !== undefined);
  for (const [part, value] of given) {
    const judge = Object.hasOwn(PARTS, part) ? PARTS[part] : undefined;
    if (judge === undefined)
      return `${part} is not part of a rule; it takes ${Object.keys(PARTS).join(", ")}`;
    const problem = judge(value, product) ?? unwritable(value);
    if (problem !== undefined) return `${part} ${problem}`;
  }
  const isLocal = rule.type === "local";
  if (isLocal && rule.address !== undefined) return "address is for TCP; a rule for local has none";
  const needed = ["type", "user", "method", ...(isLocal ? [] : ["address"])];
  const missing = needed.find((part) => rule[part] === undefined);
  return missing && `${missing} is missing; ${FORM}`;
}

const FORM =
  "a rule is of the form { type, user, address, method }, and database, options and comment if need be";

function names(value: unknown, keys: readonly string[]): string | undefined {
  const isName = (one: unknown) => {
    if (!isObject(one)) return isText(one);
    const [[key, text] = ["", ""], ...more] = Object.entries(one);
    return more.length === 0 && keys.includes(key) && isText(text);
  };
  // An empty list is refused where it is written.
  if (Array.isArray(value) ? value.every(isName) : isName(value)) return undefined;
  return `must be a name, ${keys.map((key) => `{ ${key} }`).join(" or ")}, or a list of such`;
}

/** Which options there are, and with which method, the parser knows. */
function optionsProblem(value: unknown): string | undefined {
  if (!isObject(value)) return "must be an object of the method's options and their values";
  const isValue = (one: unknown) => typeof one === "string" || typeof one === "number";
  const wrong = Object.entries(value).find(
    ([, one]) => one !== undefined && !(Array.isArray(one) ? one.every(isValue) : isValue(one)),
  );
  // PostgreSQL takes "true" for no.
  return wrong && `must give ${wrong[0]} as text; yes and no are "1" and "0"`;
}

/** What no server reads, wherever it stands. */
function unwritable(value: unknown): string | undefined {
  if (typeof value === "string") return textProblem(value);
  if (typeof value !== "object" || value === null) return undefined;
  return Object.values(value)
    .map(unwritable)
    .find((problem) => problem !== undefined);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
