import pgpass from "pgpass";
import type { Host } from "./target";

/**
 * The password for this host in libpq's password file (PGPASSFILE, else ~/.pgpass; PostgreSQL documentation, 34.16);
 * empty when there is none. The driver would look it up itself, with a deprecation warning in every preview.
 */
export function passwordFromFile(host: Host, database: string, user: string): Promise<string> {
  return new Promise((resolve) => {
    pgpass({ ...host, database, user }, (password) => resolve(password ?? ""));
  });
}
