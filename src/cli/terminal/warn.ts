import { printable } from "../../printable";
import type { Io } from "./io";

/** A line on standard error, which is in nobody's way. */
export function warn(io: Io, line: string): void {
  io.err(`warning: ${printable(line)}\n`);
}
