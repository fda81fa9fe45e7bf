import { isUtf8 } from "node:buffer";
import { UserError } from "../../errors";

/** What comes by standard input or from a file is text. @throws UserError `not-utf8` */
export function decodeUtf8(input: Buffer): string {
  if (!isUtf8(input)) throw new UserError("not-utf8", "the input is not UTF-8 text");
  return input.toString("utf8");
}
