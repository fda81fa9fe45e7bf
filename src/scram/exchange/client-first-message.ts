import { UserError } from "../../errors";
import { type GS2CbindFlag, gs2Header } from "./channel-binding";
import { badLayout, readAttributes, readMessage } from "./message";
import { checkNonce } from "./nonce";
import { escapeUserName, unescapeUserName } from "./user-name";

const NAME = "client-first-message";

/**
 * `n,,n=<user>,r=<nonce>` (RFC 5802 section 7): the message that opens an exchange, without channel binding. It takes
 * no password, so it can also ask a server for a user's salt and iteration count; see {@link parseServerFirstMessage}.
 *
 * @param nonce new for each exchange, see {@link makeNonce}
 * @param user empty unless told otherwise, as PostgreSQL's clients send it: the startup packet has named the user
 * @throws UserError `nonce-characters`, `user-name-characters`
 * @example
 * clientFirstMessage("rOprNGfwEbeRWgbNEkqO"); // "n,,n=,r=rOprNGfwEbeRWgbNEkqO"
 */
export function clientFirstMessage(nonce: string, user = ""): string {
  return gs2Header("n") + clientFirstMessageBare(nonce, user);
}

/** The part of it that is signed. */
export function clientFirstMessageBare(nonce: string, user: string): string {
  checkNonce(nonce);
  return `n=${escapeUserName(user)},r=${nonce}`;
}

/** What a client-first-message says. */
export interface ClientFirst {
  readonly flag: GS2CbindFlag;
  readonly user: string;
  readonly nonce: string;
  /** To the letter, extensions included. */
  readonly clientFirstMessageBare: string;
}

/**
 * The server's reading of the message.
 *
 * @throws UserError `message-oversized`, `message-encoding`, `message-layout`, `channel-binding-flag`,
 * `channel-binding-type`, `authzid-unsupported`, `mandatory-extension`, `user-name-escape`, `nonce-characters`
 */
export function parseClientFirstMessage(message: string | Uint8Array): ClientFirst {
  const [flag = "", authzid, ...rest] = readMessage(NAME, message).split(",");
  if (authzid === undefined || rest.length === 0) throw badLayout(NAME, ["n,,n", "r"]);
  const cbindFlag = parseFlag(flag);
  if (authzid.startsWith("a=")) {
    throw new UserError("authzid-unsupported", "The client asks to act as another user (a=)", {
      hint: "log in as that user, or change the role afterwards",
    });
  }
  if (authzid !== "") throw badLayout(NAME, ["n,,n", "r"]);

  const clientFirstMessageBare = rest.join(",");
  const { n, r: nonce } = readAttributes(NAME, clientFirstMessageBare, ["n", "r"]);
  const user = unescapeUserName(n);
  checkNonce(nonce);
  return { flag: cbindFlag, user, nonce, clientFirstMessageBare };
}

function parseFlag(flag: string): GS2CbindFlag {
  if (flag === "n" || flag === "y" || flag === "p=tls-server-end-point") return flag;
  // cb-name (RFC 5802 section 7)
  if (/^p=[A-Za-z0-9.-]+$/.test(flag)) {
    throw new UserError("channel-binding-type", "The client binds to the channel in another way", {
      hint: "only tls-server-end-point is supported",
    });
  }
  throw new UserError("channel-binding-flag", "The channel-binding flag is none of RFC 5802", {
    hint: "use n, y or p=tls-server-end-point",
  });
}
