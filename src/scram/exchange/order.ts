import { UserError } from "../../errors";
import type { MessageName } from "./message";

/** A message in a state of the exchange that has no use for it: too early, twice, or after a failure. */
export function outOfOrder(message: MessageName): UserError {
  return new UserError("message-out-of-order", `The ${message} comes out of order`, {
    hint: "an exchange is for one login, and over with its first error; start another",
  });
}
