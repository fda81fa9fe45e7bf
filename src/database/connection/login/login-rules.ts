import { UserError } from "../../../errors";
import type { CHANNEL_BINDINGS } from "../parameters/parameters";

/** How a server may have a user log in, by the names of libpq's `require_auth` (PostgreSQL documentation, 34.1.2). */
const METHODS = ["none", "password", "md5", "gss", "sspi", "scram-sha-256", "oauth"] as const;
export type Method = (typeof METHODS)[number];

export type ChannelBinding = (typeof CHANNEL_BINDINGS)[number];

/** What a server must do to be logged in to. */
export interface LoginRules {
  /** `undefined`: SCRAM, in which the server proves that it knows the user, or whatever it likes where that is proved already. */
  readonly requireAuth: ReadonlySet<Method> | undefined;
  readonly channelBinding: ChannelBinding;
}

export const DEFAULT_RULES: LoginRules = { requireAuth: undefined, channelBinding: "prefer" };

/** The methods that a `require_auth` allows: those that it lists, or all but those with a `!`. Nothing for what is none. */
export function parseRequireAuth(text: string): ReadonlySet<Method> | undefined {
  const listed = text.split(",");
  const names = listed.map((name) => name.replace(/^!/, ""));
  const isNegated = text.startsWith("!");
  const isSane =
    names.every(isMethod) &&
    new Set(names).size === names.length &&
    listed.every((name) => name.startsWith("!") === isNegated);
  if (!isSane) return undefined;
  return new Set(METHODS.filter((method) => names.includes(method) !== isNegated));
}

function isMethod(name: string): name is Method {
  return (METHODS as readonly string[]).includes(name);
}

const ASKS: Readonly<Record<Method, string>> = {
  none: "lets the administrator in without asking for anything",
  password: "asks for the administrator's password in clear text",
  md5: "asks for an md5 hash of the administrator's password",
  "scram-sha-256": "asks the administrator for SCRAM",
  gss: "asks the administrator for GSSAPI",
  sspi: "asks the administrator for SSPI",
  oauth: "asks the administrator for OAuth",
};

/**
 * Without a rule of the user's own, anybody who answers in the server's place is given neither a password nor work to do: not
 * in plain, and not over a TLS connection that anybody's certificate makes.
 *
 * @param proved whether the channel alone proves who the server is: a Unix socket, or a certificate that was checked
 * @throws UserError `require-auth`
 */
export function checkMethod(
  method: Method,
  server: string,
  { requireAuth }: LoginRules,
  proved: boolean,
): void {
  if (requireAuth === undefined ? proved || method === "scram-sha-256" : requireAuth.has(method)) return;
  const problem = `${server} ${ASKS[method]}`;
  throw requireAuth === undefined
    ? new UserError("require-auth", `${problem}, and nothing proves that it is the right server`, {
        hint: `use sslmode=verify-full, let it ask for SCRAM, or accept it with require_auth=${method}`,
      })
    : new UserError("require-auth", `${problem}, which require_auth does not allow`, {
        hint: "change the server's HBA rules, or require_auth",
      });
}

/**
 * @param bound whether the login is bound to the TLS connection; `undefined` where there is none
 * @throws UserError `channel-binding`
 */
export function checkBinding(
  bound: boolean | undefined,
  server: string,
  { channelBinding }: LoginRules,
): void {
  if (bound === true || channelBinding !== "require") return;
  throw bound === undefined
    ? new UserError(
        "channel-binding",
        `channel_binding=require takes TLS, which the connection to ${server} is without`,
        {
          hint: "use sslmode=require, or better verify-full",
        },
      )
    : new UserError("channel-binding", `${server} does not bind the login to the TLS connection`, {
        hint: "it must ask for SCRAM and offer SCRAM-SHA-256-PLUS; where it cannot, leave out channel_binding=require",
      });
}
