import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../../errors";
import { type Environment, isParameter } from "./parameters";
import type { Given } from "./settings";

/**
 * The parameters of a service in the user's file or else in the system's (PostgreSQL documentation, 34.17). PostgreSQL's own
 * folder for the latter differs from system to system and is not known here: only PGSYSCONFDIR names it.
 *
 * @throws UserError `connection-service`
 */
export function readService(service: string, env: Environment): Given {
  const own = env.PGSERVICEFILE || existing(join(homedir(), ".pg_service.conf"));
  const systems = env.PGSYSCONFDIR && existing(join(env.PGSYSCONFDIR, "pg_service.conf"));
  const files = [own, systems].filter((file): file is string => Boolean(file));
  for (const file of files) {
    const found = findService(service, file);
    if (found !== undefined) return found;
  }
  const where = files.length === 0 ? "there is no service file" : `it is not in ${files.join(" or ")}`;
  throw failure(`the service ${JSON.stringify(service)} is not defined: ${where}`);
}

function findService(service: string, file: string): Given | undefined {
  const found: Given = {};
  let inside = false;
  for (const [i, untrimmed] of read(file).split("\n").entries()) {
    const line = untrimmed.trim();
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("[")) {
      if (inside) break;
      inside = line.startsWith(`[${service}]`);
    } else if (inside) {
      const [name = "", ...value] = line.split("=");
      if (value.length === 0 || !isParameter(name) || name === "service") {
        // Not the line itself: it may be a password.
        throw failure(`line ${i + 1} of the service file ${file} is no name=value of a connection parameter`);
      }
      // As in libpq, the first one counts.
      found[name] ??= value.join("=");
    }
  }
  return inside ? found : undefined;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw failure(`the service file cannot be read: ${file} [${(error as NodeJS.ErrnoException).code}]`);
  }
}

function existing(file: string): string | undefined {
  return existsSync(file) ? file : undefined;
}

function failure(problem: string): UserError {
  return new UserError("connection-service", problem, {
    hint: "see PGSERVICE, PGSERVICEFILE and PGSYSCONFDIR",
  });
}
