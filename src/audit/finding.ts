/** Something that an operator should know of a user. */
export interface Finding {
  /** Stable kebab-case name. */
  readonly code: string;
  /**
   * `error`: the user cannot log in although it should. `warning`: it can, or will, in a way that should change. `info`: worth knowing.
   */
  readonly severity: "error" | "warning" | "info";
  /** The end of a sentence that begins with the user, or with its hash. */
  readonly message: string;
}

export const SEVERITIES = ["error", "warning", "info"] as const satisfies readonly Finding["severity"][];

export function error(code: string, message: string): Finding {
  return { code, severity: "error", message };
}

export function warning(code: string, message: string): Finding {
  return { code, severity: "warning", message };
}

export function info(code: string, message: string): Finding {
  return { code, severity: "info", message };
}
