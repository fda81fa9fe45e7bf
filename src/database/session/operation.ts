/** What is done to a role: a hint goes by it. Any other operation is its words, for "could not …". */
export type Operation =
  | string
  | {
      readonly kind: "create" | "alter" | "drop";
      readonly role: string;
      /** How many other roles are changed with it, by one transaction. */
      readonly others?: number;
    }
  | { readonly kind: "rename"; readonly role: string; readonly to: string }
  | { readonly kind: "reassign"; readonly role: string; readonly database?: string }
  | { readonly kind: "administrators"; readonly role: string };

export function wordsOf(operation: Operation): string {
  if (typeof operation === "string") return operation;
  const role = `role "${operation.role}"`;
  switch (operation.kind) {
    case "rename":
      return `rename ${role} to "${operation.to}"`;
    case "reassign":
      return `reassign what ${role} owns${operation.database === undefined ? "" : ` in database "${operation.database}"`}`;
    case "administrators":
      return `see who administers ${role}`;
    default:
      return `${operation.kind} ${role}${operation.others ? ` and change ${operation.others} more` : ""}`;
  }
}

/** The role that the operation is about, if it is about one. */
export function roleOf(operation: Operation): string | undefined {
  return typeof operation === "string" ? undefined : operation.role;
}

export function isCreation(operation: Operation): boolean {
  return typeof operation !== "string" && operation.kind === "create";
}

/** On the way to a role that is no more. */
export function isDeletion(operation: Operation): boolean {
  return typeof operation !== "string" && ["drop", "reassign"].includes(operation.kind);
}
