import { ScramError } from "../scram/error";

export function isMistake(error: unknown): error is ScramError {
  return error instanceof ScramError;
}
