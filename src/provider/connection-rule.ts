import type { ConnectionSettings } from "../database/connection/settings";
import { resolveTarget } from "../database/connection/target";
import { tlsAttempts } from "../database/connection/tls";
import { mistakeIn } from "./mistake";
import { hasUnknown, isRecord, type Json } from "./wire";

/**
 * Judges a connection without a server; its certificate files are read.
 *
 * @throws ScramError
 */
export function checkConnection(settings: ConnectionSettings | null, env = process.env): void {
  const { hosts, tls } = resolveTarget(settings, env);
  for (const host of hosts) tlsAttempts(tls, host);
}

/** What is wrong with a resource's own connection: the end of a sentence. */
export function connectionRule(value: Json): string | undefined {
  if (typeof value !== "string" && !isRecord(value))
    return "must be a PostgreSQL URL or an object of its parts";
  const mistake = mistakeIn(() => checkConnection(value as ConnectionSettings));
  return mistake && `is refused: ${mistake}`;
}

/** The whole sentence, for a connection that is given and known. */
export function connectionFailure(own: Json | undefined): string | undefined {
  if (own === undefined || hasUnknown(own)) return undefined;
  const reason = connectionRule(own);
  return reason && `connection ${reason}`;
}
