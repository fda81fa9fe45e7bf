import { randomBytes } from "node:crypto";

/** One in 64 begins with a dash. */
export function newPassword(): string {
  return randomBytes(12).toString("base64url");
}
