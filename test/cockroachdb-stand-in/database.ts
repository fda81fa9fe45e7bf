import { randomBytes } from "node:crypto";
import pg from "pg";
import { DEFAULT_ITERATIONS } from "../../src/scram/iterations";
import type { Row, Sql } from "./backend";
import { deriveStored } from "./passwords/derive";
import type { Profile } from "./profile";
import { schemaFor } from "./schema";
import { internalSchemaFor } from "./schema-internal";
import { sessionVariables } from "./session-variables";
import { SqlError } from "./wire/sql-error";

/** The stand-in's own database in the PostgreSQL behind. */
export interface StandInDatabase {
  readonly url: string;
  /** As the superuser, each statement in a transaction of its own. */
  readonly sql: Sql;
  /** Drops the database and the roles made through it. */
  drop(): Promise<void>;
}

/** `root` and `admin` always exist (facts 3.2). */
const BUILT_IN = ["root", "admin"];

/** Creates the database with its schemas, the two built-in roles, and the password of `root`. */
export async function createDatabase(
  postgresUrl: string,
  profile: Profile,
  rootPassword: string,
): Promise<StandInDatabase> {
  const name = `stand_in_${randomBytes(6).toString("hex")}`;
  await withClient(postgresUrl, async (client) => {
    // Roles belong to the whole server: another stand-in may have made these, or be about to.
    for (const role of ["root SUPERUSER", "admin"]) {
      await client.query(`CREATE ROLE ${role}`).catch(ignoreExisting);
    }
    await client.query("GRANT admin TO root WITH ADMIN OPTION").catch(ignoreExisting);
    await client.query(`CREATE DATABASE ${name}`);
  });

  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({
    connectionString: url.href,
    max: 4,
    types: { getTypeParser: () => (text: unknown) => text },
  });
  pool.on("error", () => {});
  const sql: Sql = async (text) => {
    try {
      return (await pool.query<Row>(text)).rows;
    } catch (error) {
      throw error instanceof pg.DatabaseError ? fromDriver(error) : error;
    }
  };
  await sql(schemaFor(profile));
  await sql(internalSchemaFor(profile));
  // Not the profile's cost: node-postgres refuses the 119,680 of v22.1.
  const verifier = await deriveStored(rootPassword, DEFAULT_ITERATIONS);
  const [users, ids] = profile.userIds ? [", user_id", [", 1", ", 2"]] : ["", ["", ""]];
  await sql(`INSERT INTO system.users (username, "hashedPassword", "isRole"${users}) VALUES
    ('root', convert_to(${pg.escapeLiteral(verifier)}, 'UTF8'), false${ids[0]}), ('admin', '', true${ids[1]})`);
  await sql(
    `INSERT INTO stand_in.variables VALUES ${sessionVariables(profile)
      .map(({ name, own }) => `(${pg.escapeLiteral(name)}, ${own !== undefined})`)
      .join(", ")}`,
  );

  return {
    url: url.href,
    sql,
    async drop() {
      const roles = await sql("SELECT username FROM system.users");
      await pool.end();
      await withClient(postgresUrl, async (client) => {
        await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
        for (const { username } of roles) {
          if (username === null || username === undefined || BUILT_IN.includes(username)) continue;
          // What has taken hold in another database stays.
          await client.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(username)}`).catch(() => {});
        }
      });
    },
  };
}

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** duplicate_object, unique_violation (two at once), "tuple concurrently updated". */
function ignoreExisting(error: unknown): void {
  if (error instanceof pg.DatabaseError && ["42710", "23505", "XX000"].includes(error.code ?? "")) return;
  throw error;
}

function fromDriver({ code = "XX000", message, detail, hint }: pg.DatabaseError): SqlError {
  return new SqlError(code, message, { detail, hint });
}
