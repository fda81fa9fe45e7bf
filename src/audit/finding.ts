/** Something that an operator should know of a user. */
export interface Finding {
  /** Stable kebab-case name. */
  readonly code: string;
  /**
   * `error`: the user cannot log in although it should. `warning`: it can, or will, in a way that should change. `info`: worth knowing.
   */
  readonly level: "error" | "warning" | "info";
  /** The end of a sentence that begins with the user, or with its hash. */
  readonly message: string;
}

export const LEVELS = ["error", "warning", "info"] as const satisfies readonly Finding["level"][];

export function error(code: string, message: string): Finding {
  return { code, level: "error", message };
}

export function warning(code: string, message: string): Finding {
  return { code, level: "warning", message };
}

export function info(code: string, message: string): Finding {
  return { code, level: "info", message };
}
