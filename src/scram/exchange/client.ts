import { UserError } from "../../errors";
import { deriveKeys, equalBytes } from "../keys";
import { normalizePassword } from "../saslprep";
import {
  cbindInput,
  checkCbindData,
  chooseMechanism,
  type GS2CbindFlag,
  gs2Header,
  type Mechanism,
} from "./channel-binding";
import { clientFinalMessage, clientFinalMessageWithoutProof } from "./client-final-message";
import { clientFirstMessageBare } from "./client-first-message";
import { type ClientOptions, checkAskedIterations } from "./client-options";
import { type MessageName, readMessage } from "./message";
import { makeNonce } from "./nonce";
import { outOfOrder } from "./order";
import { authMessage, clientProof, serverSignature } from "./proof";
import { parseServerFinalMessage } from "./server-final-message";
import { parseServerFirstMessage } from "./server-first-message";

type State =
  | { readonly at: "start" }
  | { readonly at: "first-sent" }
  | { readonly at: "final-sent"; readonly serverSignature: Buffer }
  | { readonly at: "over" };

/** The client's side of one exchange; see {@link startClient}. */
export class ClientExchange {
  /** The mechanism to name to the server; `SCRAM-SHA-256-PLUS` binds to the channel. */
  readonly mechanism: Mechanism;
  readonly #flag: GS2CbindFlag;
  readonly #options: Omit<ClientOptions, "password">;
  readonly #nonce: string;
  readonly #clientFirstMessageBare: string;
  /** Normalized; overwritten as soon as the keys are derived, or the exchange is over. */
  readonly #password: Buffer;
  #state: State = { at: "start" };
  #verified = false;

  constructor({ password, ...options }: ClientOptions) {
    checkCbindData(options.channelBinding);
    const { mechanism, flag } = chooseMechanism(
      options.offered ?? ["SCRAM-SHA-256"],
      options.channelBinding !== undefined,
    );
    this.mechanism = mechanism;
    this.#flag = flag;
    this.#options = options;
    this.#nonce = options.nonce ?? makeNonce();
    this.#clientFirstMessageBare = clientFirstMessageBare(this.#nonce, options.user ?? "");
    this.#password = normalizePassword(password);
    if (this.#password.length === 0) {
      throw new UserError("password-empty", "The password is empty", {
        hint: "servers refuse every login with an empty password",
      });
    }
  }

  /** Whether the server has proved that it knows the verifier. Without that, its yes is anybody's yes. */
  get verified(): boolean {
    return this.#verified;
  }

  /**
   * The client-first-message.
   *
   * @throws UserError `message-out-of-order`
   */
  first(): string {
    if (this.#leave().at !== "start") throw this.#outOfOrder("client-first-message");
    this.#state = { at: "first-sent" };
    return gs2Header(this.#flag) + this.#clientFirstMessageBare;
  }

  /**
   * The client-final-message, in answer to the server-first-message (octets or text). Hashes off the main thread.
   *
   * @throws UserError as {@link parseServerFirstMessage}; `iterations-too-few`, `iterations-too-many`,
   * `message-out-of-order`
   */
  async final(message: string | Uint8Array): Promise<string> {
    if (this.#leave().at !== "first-sent") throw this.#outOfOrder("server-first-message");
    const { serverFirstMessage, nonce, keys } = await this.#answered(message);
    const withoutProof = clientFinalMessageWithoutProof(
      cbindInput(this.#flag, this.#options.channelBinding),
      nonce,
    );
    const signed = authMessage(this.#clientFirstMessageBare, serverFirstMessage, withoutProof);
    this.#state = { at: "final-sent", serverSignature: serverSignature(keys.serverKey, signed) };
    return clientFinalMessage(withoutProof, clientProof(keys, signed));
  }

  async #answered(message: string | Uint8Array) {
    try {
      const serverFirstMessage = readMessage("server-first-message", message);
      const { nonce, salt, iterations } = parseServerFirstMessage(serverFirstMessage, this.#nonce);
      checkAskedIterations(iterations, this.#options);
      return { serverFirstMessage, nonce, keys: await deriveKeys(this.#password, salt, iterations) };
    } finally {
      this.#password.fill(0);
    }
  }

  /**
   * Takes the server-final-message (octets or text) and makes sure that the server knows the verifier.
   *
   * @throws UserError `server-signature-mismatch`; `server-error-invalid-proof` and the other errors that a server may
   * send; `message-oversized`, `message-encoding`, `message-layout`, `message-base64`, `mandatory-extension`,
   * `message-out-of-order`
   */
  verify(message: string | Uint8Array): void {
    const state = this.#leave();
    if (state.at !== "final-sent") throw this.#outOfOrder("server-final-message");
    if (!equalBytes(parseServerFinalMessage(message), state.serverSignature)) {
      throw new UserError("server-signature-mismatch", "The server can't prove that it knows the user", {
        hint: "somebody else may answer in its place; check the address, and TLS with sslmode=verify-full",
      });
    }
    this.#verified = true;
  }

  #outOfOrder(message: MessageName): UserError {
    this.#password.fill(0);
    return outOfOrder(message);
  }

  /** Whatever fails in a step, the exchange is over; only the step's success opens the next one. */
  #leave(): State {
    const state = this.#state;
    this.#state = { at: "over" };
    return state;
  }
}

/**
 * Opens an exchange as a client of SCRAM-SHA-256 or SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677), for one login. Does no
 * I/O: the caller carries the messages, and calls `first`, `final` and `verify` once each, in this order.
 *
 * @throws UserError `mechanism-not-offered`, `channel-binding-empty`, `nonce-characters`, `user-name-characters`,
 * `password-empty`, `password-not-unicode`
 * @example
 * const client = startClient({ password, offered: ["SCRAM-SHA-256"] });
 * const serverFirst = await send(client.mechanism, client.first());
 * const serverFinal = await send(await client.final(serverFirst));
 * client.verify(serverFinal); // throws unless the server proved itself
 */
export function startClient(options: ClientOptions): ClientExchange {
  return new ClientExchange(options);
}
