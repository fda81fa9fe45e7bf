import { UserError } from "../../errors";
import { checkIterations, DEFAULT_ITERATIONS } from "../iterations";
import { equalBytes } from "../keys";
import type { Verifier } from "../verifier";
import { formatVerifier } from "../verifier-text";
import { cbindInput, checkCbindData, checkChoice, type Mechanism } from "./channel-binding";
import { parseClientFinalMessage } from "./client-final-message";
import { type ClientFirst, parseClientFirstMessage } from "./client-first-message";
import { checkMockKey, checkMockSaltBytes, DEFAULT_SALT_LENGTH, mockVerifier } from "./mock";
import { checkNonce, makeNonce } from "./nonce";
import { outOfOrder } from "./order";
import { authMessage, provesPassword, serverSignature } from "./proof";
import { SERVER_ERROR, serverFinalMessage } from "./server-final-message";
import { serverFirstMessage } from "./server-first-message";
import type { Outcome, ServerOptions } from "./server-options";

type State =
  | { readonly at: "start" }
  | {
      readonly at: "first-sent";
      readonly client: ClientFirst;
      readonly user: string;
      readonly verifier: Verifier;
      /** There is no such user: whatever the proof, it fails. */
      readonly doomed: boolean;
      readonly nonce: string;
      readonly serverFirst: string;
    }
  | { readonly at: "over" };

/** The server's side of one exchange; see {@link startServer}. */
export class ServerExchange {
  /** What to offer to the client, the better one first. */
  readonly mechanisms: readonly Mechanism[];
  readonly #options: ServerOptions;
  readonly #nonce: string;
  #state: State = { at: "start" };

  constructor(options: ServerOptions) {
    checkMockKey(options.mockKey);
    if (options.mockIterations !== undefined) checkIterations(options.mockIterations);
    if (options.mockSaltBytes !== undefined) checkMockSaltBytes(options.mockSaltBytes);
    checkCbindData(options.channelBinding);
    this.mechanisms =
      options.channelBinding === undefined ? ["SCRAM-SHA-256"] : ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"];
    this.#options = options;
    this.#nonce = options.nonce ?? makeNonce();
    checkNonce(this.#nonce);
  }

  /**
   * The server-first-message, in answer to the client-first-message (octets or text). The same for a user who is
   * unknown as for one who is not.
   *
   * @param mechanism as the client named it
   * @throws UserError `mechanism-not-offered`, `channel-binding-flag`, `channel-binding-type`,
   * `channel-binding-downgrade`, `authzid-unsupported`, `user-name-escape`, `nonce-characters`, `message-oversized`,
   * `message-encoding`, `message-layout`, `mandatory-extension`, `message-out-of-order`; for a verifier that is none, as
   * {@link formatVerifier}; and whatever `lookup` throws
   */
  async first(mechanism: string, message: string | Uint8Array): Promise<string> {
    if (this.#leave().at !== "start") throw outOfOrder("client-first-message");
    const client = parseClientFirstMessage(message);
    checkChoice(this.mechanisms, mechanism, client.flag);

    const { lookup, mockKey } = this.#options;
    const { mockIterations = DEFAULT_ITERATIONS, mockSaltBytes = DEFAULT_SALT_LENGTH } = this.#options;
    const user = this.#options.user ?? client.user;
    // Made for every user, so that the time tells nothing.
    const mock = mockVerifier(user, mockKey, mockIterations, mockSaltBytes);
    const verifier = (await lookup(user)) ?? mock;
    // Throws where the parts make no verifier; what is not checked here would go out as `i=NaN`.
    formatVerifier(verifier);

    const nonce = client.nonce + this.#nonce;
    const serverFirst = serverFirstMessage({ nonce, ...verifier });
    const doomed = verifier === mock;
    this.#state = { at: "first-sent", client, user, verifier, doomed, nonce, serverFirst };
    return serverFirst;
  }

  /**
   * The outcome, from the client-final-message (octets or text). A wrong password and an unknown user are one outcome;
   * a message that breaks the protocol is an error.
   *
   * @throws UserError `channel-binding-mismatch`, `nonce-mismatch`, `proof-length`, `message-oversized`,
   * `message-encoding`, `message-layout`, `message-base64`, `mandatory-extension`, `message-out-of-order`
   */
  final(message: string | Uint8Array): Outcome {
    const state = this.#leave();
    if (state.at !== "first-sent") throw outOfOrder("client-final-message");
    const { client, user, verifier, nonce } = state;
    const answer = parseClientFinalMessage(message);
    if (!equalBytes(answer.cbindInput, cbindInput(client.flag, this.#options.channelBinding))) {
      throw new UserError("channel-binding-mismatch", "The client is bound to another channel", {
        hint: "somebody between client and server may have ended its TLS connection",
      });
    }
    if (answer.nonce !== nonce) {
      throw new UserError("nonce-mismatch", "The client's nonce is not that of this exchange");
    }

    const signed = authMessage(
      client.clientFirstMessageBare,
      state.serverFirst,
      answer.clientFinalMessageWithoutProof,
    );
    // The proof is computed for an unknown user too, so that the time tells nothing.
    if (!provesPassword(answer.clientProof, verifier.storedKey, signed) || state.doomed) {
      const refusal = `password authentication failed for user "${user}"`;
      return { authenticated: false, user, serverFinalMessage: SERVER_ERROR, refusal };
    }
    const signature = serverSignature(verifier.serverKey, signed);
    return { authenticated: true, user, serverFinalMessage: serverFinalMessage(signature) };
  }

  /** Whatever fails in a step, the exchange is over; only the step's success opens the next one. */
  #leave(): State {
    const state = this.#state;
    this.#state = { at: "over" };
    return state;
  }
}

/**
 * Opens an exchange as a server of SCRAM-SHA-256, and of SCRAM-SHA-256-PLUS where there is a channel to bind to (RFC 5802,
 * RFC 7677), for one login. Does no I/O: the caller carries the messages, and calls `first` and `final` once each.
 *
 * @throws UserError `mock-key-too-short`, `iterations-not-an-integer`, `iterations-too-few`, `iterations-too-many`,
 * `mock-salt-length`, `channel-binding-empty`, `nonce-characters`
 * @example
 * const server = startServer({ user, lookup: (name) => verifiers.get(name), mockKey });
 * const { mechanism, clientFirst } = await offer(server.mechanisms);
 * const clientFinal = await send(await server.first(mechanism, clientFirst));
 * const outcome = server.final(clientFinal);
 * if (!outcome.authenticated) throw new Error(outcome.refusal);
 * send(outcome.serverFinalMessage);
 */
export function startServer(options: ServerOptions): ServerExchange {
  return new ServerExchange(options);
}
