import { styleText } from "node:util";

const WIDTH = 80;
const FIRST = 26;

export function title(text: string): void {
  console.log(`\n${styleText("bold", text)}\n${"-".repeat(Math.min(text.length, WIDTH))}`);
}

/** Sentences, in lines that fit. */
export function text(words: string): void {
  let line = "";
  for (const word of words.split(" ")) {
    if (line.length + word.length >= WIDTH) {
      console.log(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  console.log(line);
}

/** A line of a table: what it is about, and its figures below each other. */
export function row(name: string, figures: readonly string[]): void {
  const width = Math.floor((WIDTH - FIRST) / Math.max(figures.length, 5));
  console.log((name.padEnd(FIRST) + figures.map((figure) => figure.padStart(width)).join("")).trimEnd());
}

/** Three digits that mean something; no more were measured. */
export function seconds(ms: number): string {
  const s = ms / 1000;
  if (s >= 100) return s.toFixed(0);
  return s.toFixed(s >= 10 ? 1 : 2);
}

export function times(ratio: number): string {
  return `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(1)}x`;
}

export function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? "not told" : (bytes / 1e6).toFixed(0);
}

export function whole(count: number): string {
  return count.toLocaleString("en-US");
}
