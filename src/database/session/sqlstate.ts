import { readDriverError } from "./driver-error";

/** Codes that one operation expects (PostgreSQL documentation, appendix A). What goes for every operation is judged in errors.ts. */
export const SQLSTATE = {
  dependentObjectsStillExist: "2BP01",
  insufficientPrivilege: "42501",
  lockNotAvailable: "55P03",
  syntaxError: "42601",
  undefinedObject: "42704",
} as const;

/** Whether the server said so, in the driver's error or in one that is explained. */
export function isFromServer(error: unknown, sqlstate: string): boolean {
  const { of, code } = readDriverError(error);
  return of === "server" && code === sqlstate;
}

/** The administrator may not do this. */
export function lacksPrivilege(error: unknown): boolean {
  return isFromServer(error, SQLSTATE.insufficientPrivilege);
}
