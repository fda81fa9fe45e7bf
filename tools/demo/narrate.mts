import { styleText } from "node:util";

/** One step of the story. */
export function say(line: string): void {
  console.log(styleText(["bold", "cyan"], `\n# ${line}`));
}

/** The command as a user would type it. */
export function showCommand(words: readonly string[]): void {
  console.log(styleText("bold", `$ ${words.map(quoted).join(" ")}`));
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
