import { UserError } from "../../errors";
import { MAX_PORTABLE_ITERATIONS, MIN_ITERATIONS } from "../iterations";

/** What a client has to know to log in. */
export interface ClientOptions {
  readonly password: string | Uint8Array;
  /** The mechanisms that the server offers (PostgreSQL: AuthenticationSASL). @default ["SCRAM-SHA-256"] */
  readonly offered?: readonly string[];
  /** Over TLS, the data of `tls-server-end-point`; see {@link tlsServerEndPoint}. Bound to where the server can. */
  readonly channelBinding?: Uint8Array;
  /** For a server that does not know the user yet; PostgreSQL's does, and ignores the name. @default "" */
  readonly user?: string;
  /** Fewer are refused: the proof would be a gift to who listens. @default 4096 */
  readonly minIterations?: number;
  /** More are refused: hashing is work that the server orders. @default 100000 */
  readonly maxIterations?: number;
  /** For tests; printable ASCII without comma. @default a new one of 24 random bytes */
  readonly nonce?: string;
}

/** From here on Node's PBKDF2 throws. */
const TOO_MANY_ITERATIONS = 2 ** 31;

/**
 * Whether to do the hashing that a server asks for. A bound that is no number lets nothing pass.
 *
 * @throws UserError `iterations-too-few`, `iterations-too-many`
 */
export function checkAskedIterations(
  iterations: number,
  options: Pick<ClientOptions, "minIterations" | "maxIterations">,
): void {
  const { minIterations = MIN_ITERATIONS, maxIterations = MAX_PORTABLE_ITERATIONS } = options;
  if (!(iterations >= minIterations)) {
    throw new UserError("iterations-too-few", `The server asks for ${iterations} iterations, too few`, {
      hint: `at least ${minIterations} are wanted; check that it is the right server`,
    });
  }
  if (!(iterations <= maxIterations && iterations < TOO_MANY_ITERATIONS)) {
    throw new UserError("iterations-too-many", `The server asks for ${iterations} iterations, too many`, {
      hint: `at most ${maxIterations} are allowed; check that it is the right server`,
    });
  }
}
