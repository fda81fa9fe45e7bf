/** Whether to colour; set once from `--color` and the terminal. */
let enabled = false;

export function enableColour(wanted: boolean): void {
  enabled = wanted;
}

const CODES = { green: 32, yellow: 33, red: 31, magenta: 35, bold: 1, dim: 2 };
export type Colour = keyof typeof CODES;

export const paint = (colour: Colour | undefined, text: string): string =>
  enabled && colour ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;
