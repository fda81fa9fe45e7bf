import pg from "pg";
import { UserError } from "../../errors";
import type { Product } from "../contract/database";
import { explainError, isPassedOver, isWayClosed, isWithoutTls } from "../session/errors";
import { ownRole } from "../session/own-role";
import { Connection, inSavepoint } from "../session/transaction";
import { Client, type ClientConfig } from "./client";
import type { Host } from "./parameters/host";
import { passwordFromFile } from "./parameters/password-file";
import { describeHosts, type Target } from "./parameters/target";
import { type TlsAttempt, tlsAttempts } from "./tls/tls";

interface Server {
  readonly product: Product;
  /** As in RoleIdentity. */
  readonly cluster: string | null;
  /** Whom we act as, in every database of the server; `none` for the administrator itself. PostgreSQL's. */
  readonly role: string | undefined;
}

interface Found extends Server {
  readonly config: pg.ClientConfig;
}

/**
 * Finds the first host that answers (and accepts writes, where that is wanted), in the first way that `sslmode` allows.
 * Resolves with the configuration that worked. As in libpq, a host that answers and says no ends the search.
 *
 * @throws the driver's error of a single host, or a UserError with a sentence for each of several
 */
export async function findServer(target: Target): Promise<Found & { readonly host: Host }> {
  const failures: unknown[] = [];
  for (const host of target.hosts) {
    try {
      return { ...(await findWay(target, host)), host };
    } catch (error) {
      // As it is, for a retry to judge; with several hosts, a sentence each.
      if (target.hosts.length === 1) throw error;
      failures.push(
        explainError(error, { operation: "log in", server: describeHosts([host]), user: target.user }),
      );
      if (!isPassedOver(error)) break;
    }
  }
  const sentences = failures.map(
    (failure, i) => `(${i + 1}) ${failure instanceof Error ? failure.message : failure}`,
  );
  throw new UserError("no-server", `no server can be used: ${sentences.join("; ")}`);
}

async function findWay(target: Target, host: Host): Promise<Found> {
  return firstWay(target, host, async (config) => ({ config, ...(await probe(config, target.readWrite)) }));
}

/**
 * The first way to a host that `sslmode` allows and in which `work` succeeds. Another one is tried only where the server closes the
 * first before it asks for anything; after that a failure is the login's own, and no reason to repeat it in the open.
 */
export async function firstWay<T>(
  target: Target,
  host: Host,
  work: (config: pg.ClientConfig) => Promise<T>,
): Promise<T> {
  let failure: unknown;
  for (const ssl of tlsAttempts(target.tls, host)) {
    try {
      return await work(clientConfig(target, host, ssl));
    } catch (error) {
      if (!isWayClosed(error, ssl !== false)) throw error;
      // The first way is the one the user would rather have; its failure says more.
      if (failure === undefined || isWithoutTls(failure)) failure = error;
    }
  }
  throw failure;
}

function clientConfig(target: Target, host: Host, ssl: TlsAttempt): ClientConfig {
  return {
    host: host.address ?? host.host,
    port: host.port,
    ssl,
    // Always named: the driver would take PGSSLNEGOTIATION where there is no TLS.
    sslnegotiation: ssl === false ? "postgres" : target.tls.sslnegotiation,
    user: target.user,
    database: target.database,
    password:
      target.password ?? (() => passwordFromFile(target.passfile, host, target.database, target.user)),
    ...(target.options !== undefined && { options: target.options }),
    application_name: target.applicationName,
    connectionTimeoutMillis: target.connectTimeoutMs,
    rules: target.rules,
    // A network that swallows packets must not hang a deployment; CockroachDB may take minutes for a role.
    query_timeout: 300_000,
  };
}

/** CockroachDB says so itself; its server_version is that of some PostgreSQL. */
const ASK = `SELECT pg_catalog.current_setting('crdb_version', true) AS crdb_version,
  pg_catalog.current_setting('transaction_read_only') AS read_only`;

const ASK_CLUSTER: Readonly<Record<Product, string>> = {
  postgresql: "SELECT system_identifier::pg_catalog.text AS id FROM pg_catalog.pg_control_system()",
  cockroachdb: "SELECT crdb_internal.cluster_id() AS id",
};

async function probe(config: pg.ClientConfig, readWrite: boolean): Promise<Server> {
  const client = new Client(config);
  client.on("error", () => {});
  try {
    await client.connect();
    return await new Connection(client).run((client) => ask(client, config.options, readWrite));
  } finally {
    await client.end().catch(() => {});
  }
}

async function ask(client: pg.ClientBase, options: string | undefined, readWrite: boolean): Promise<Server> {
  const { rows } = await client.query<{ crdb_version: string | null; read_only: string }>(ASK);
  if (readWrite && rows[0]?.read_only !== "off") throw new ReadOnlyServer();
  const product = rows[0]?.crdb_version == null ? "postgresql" : "cockroachdb";
  return {
    product,
    cluster: await askCluster(client, product),
    role: product === "postgresql" ? await ownRole(client, options) : undefined,
  };
}

/** Managed servers may keep it to themselves. */
async function askCluster(client: pg.ClientBase, product: Product): Promise<string | null> {
  try {
    const { rows } = await inSavepoint(client, () => client.query<{ id: string }>(ASK_CLUSTER[product]));
    return rows[0]?.id ?? null;
  } catch (error) {
    if (error instanceof pg.DatabaseError) return null;
    throw error;
  }
}

class ReadOnlyServer extends Error {
  readonly code = "READ_ONLY";
}
