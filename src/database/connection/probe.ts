import { UserError } from "../../errors";
import { explainError } from "../session/errors";
import { firstWay } from "./connect";
import { type BegunLogin, beginLogin } from "./login/challenge";
import type { ConnectionSettings } from "./parameters/settings";
import { describeHosts, resolveTarget } from "./parameters/target";

export interface Probe extends BegunLogin {
  /** `host:port`. */
  readonly server: string;
  /** How many hosts the connection names; this is the first. */
  readonly hosts: number;
  readonly user: string;
  readonly database: string;
}

/** For {@link firstWay}: the server says no to this way. */
class Refused extends Error {
  readonly begun: BegunLogin;
  readonly code: string;
  readonly unasked = true;

  constructor(begun: BegunLogin, code: string) {
    super();
    this.begun = begun;
    this.code = code;
  }
}

/**
 * What the first host of a connection would ask its user at login, who shows the certificate that the connection names. No password
 * is needed, and none is tried.
 *
 * @throws UserError `connection-url`, `connection-tls`, `not-postgresql`, and for a failure to connect its code
 */
export async function probeLogin(settings: ConnectionSettings | null): Promise<Probe> {
  const target = resolveTarget(settings);
  const { user, database, hosts } = target;
  const [host] = hosts;
  if (host === undefined) throw new Error("a target has a host");
  const server = describeHosts([host]);
  try {
    const begun = await firstWay(target, host, async (config) => {
      const begun = await beginLogin(config, user, { withCertificate: true });
      if (begun.challenge.asks === "refused") throw new Refused(begun, begun.challenge.sqlstate);
      return begun;
    });
    return { server, hosts: hosts.length, user, database, ...begun };
  } catch (thrown) {
    if (thrown instanceof Refused) return { server, hosts: hosts.length, user, database, ...thrown.begun };
    const error = explainError(thrown, { operation: `ask how "${user}" logs in`, server, user });
    if (error instanceof UserError && error.code !== "CONNECTION_LOST") throw error;
    throw new UserError("not-postgresql", `${server} does not speak PostgreSQL's protocol`, {
      hint: "check host and port, and see what runs there",
    });
  }
}
