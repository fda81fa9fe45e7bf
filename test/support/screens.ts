import { readFileSync } from "node:fs";

/** What a document shows of the command, in its fenced `console` blocks: command line to output. */
export function screensOf(document: string): Map<string, string> {
  const blocks = readFileSync(document, "utf8").matchAll(/^```console\n\$ (.+)\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, command = "", output = ""]) => [command, output]));
}
