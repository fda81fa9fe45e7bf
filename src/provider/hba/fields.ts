import { connectionRule } from "../connection/connection-rule";
import { PRODUCT } from "../connection/product";
import { AS_GIVEN, type Fields, FLAG, formerly, recordedChoice } from "../protocol/fields";
import type { Json } from "../protocol/wire";
import type { KeyedLines } from "./lines";

/** Whether they are rules is judged where they become a text (check.ts). */
const judgedLater = () => undefined;

/** Every argument of an HbaConfig and what is recorded of it, in the order that messages list them. */
export const FIELDS = {
  product: PRODUCT,
  /** Recorded line by line; secret when one holds a password (LDAP, RADIUS). */
  rules: {
    rule: judgedLater,
    read: (value) => (value ?? {}) as KeyedLines,
    write: (value: KeyedLines) => value,
  },
  text: { ...AS_GIVEN, rule: judgedLater, transient: true },
  guard: recordedChoice("on", "strict", "warn", "off"),
  allowLockout: {
    rule: (value) =>
      Array.isArray(value) && value.every((name) => typeof name === "string")
        ? undefined
        : "must be a list of users",
    read: (value) => (value ?? []) as readonly string[],
    write: (value: readonly string[]) => value,
  },
  onDelete: formerly(recordedChoice("restore", "reset", "retain"), { leave: "retain" }),
  connection: { ...AS_GIVEN, rule: connectionRule, secret: true },
  secretRules: { ...FLAG, write: (value: boolean) => value, internal: true },
  /** Only of the outputs: what was found at creation, for `restore`; `null` where there was nothing. */
  previous: { read: foundText, write: foundText, secret: true },
  /** Only of the outputs: the server that `previous` is of. */
  cluster: { read: foundText, write: foundText },
} as const satisfies Fields;

function foundText(value: Json | undefined): string | null | undefined {
  return value as string | null | undefined;
}
