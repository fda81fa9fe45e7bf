import { wrapped } from "./layout";

/** What stands under a command's options. */
export function helpText(notes: readonly string[], ...examples: readonly string[]): string {
  const paragraphs = notes.map((note) => `\n${wrapped(note, 80, "")}\n`);
  const heading = examples.length === 1 ? "Example" : "Examples";
  return `${paragraphs.join("")}\n${heading}:\n${examples.map((example) => `  $ ${example}`).join("\n")}`;
}
