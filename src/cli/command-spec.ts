import type { Command } from "commander";
import type { Io } from "./terminal/io";

/** Adds a command to the program: what it takes, and what it does. */
export type CommandSpec = (program: Command, io: Io, act: Act) => void;

/** What a command does, for commander: it resolves with the status to end with. */
export type Act = <A extends unknown[]>(
  work: (...args: A) => Promise<number>,
) => (...args: A) => Promise<void>;
