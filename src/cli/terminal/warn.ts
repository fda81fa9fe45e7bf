import { printable } from "../../printable";
import type { Io } from "./io";

/** A line on standard error: standard output may be read by a program. */
export function warn(io: Io, line: string): void {
  io.err(`warning: ${printable(line)}\n`);
}
