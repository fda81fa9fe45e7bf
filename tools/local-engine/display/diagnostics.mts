import { nameOf, qualifiedType, shownType } from "../urn.mts";
import { paint } from "./colour.mts";

export type Severity = "debug" | "info" | "warning" | "error";

const COLOURS = { debug: "dim", warning: "yellow", error: "red" } as const;

/** Messages by resource, in the order of the first of each. */
export class Diagnostics {
  readonly #stackUrn: string;
  readonly #masked: readonly string[];
  readonly #byUrn = new Map<string, string[]>();

  /** `masked`: the stack's secret configuration values. Pulumi masks those, and no other secrets, in messages. */
  constructor(stackUrn: string, masked: readonly string[]) {
    this.#stackUrn = stackUrn;
    // Masking one or two characters would only make a riddle of the message.
    this.#masked = masked.filter((value) => value.length > 2);
  }

  /** Without a URN the message is about the stack as a whole. */
  add(urn: string, severity: Severity, message: string): void {
    const label = severity === "info" ? "" : `${paint(COLOURS[severity], `${severity}:`)} `;
    const masked = this.#masked.reduce(
      (text, value) => text.replaceAll(value, "[secret]"),
      message.trimEnd(),
    );
    const key = urn || this.#stackUrn;
    this.#byUrn.set(key, [...(this.#byUrn.get(key) ?? []), ...`${label}${masked}`.split("\n")]);
  }

  render(): string[] {
    if (this.#byUrn.size === 0) return [];
    const blocks = [...this.#byUrn].flatMap(([urn, lines]) => [
      `  ${shownType(qualifiedType(urn).split("$").at(-1) ?? "")} (${nameOf(urn)}):`,
      ...lines.map((line) => `    ${line}`.trimEnd()),
      "",
    ]);
    return [paint("bold", "Diagnostics:"), ...blocks];
  }
}
