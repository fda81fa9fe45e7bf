import type { Sql } from "../backend";
import type { Profile } from "../profile";
import type { Settings } from "../settings/settings";
import { SqlError, UNCATEGORISED } from "../wire/sql-error";
import { bcryptHash } from "./bcrypt";
import { deriveStored } from "./derive";
import { recogniseHash } from "./recognise";

/** What is stored for a password of CREATE or ALTER ROLE: facts 2.3, in its order. */
export async function hashPassword(
  password: string,
  settings: Settings,
  profile: Profile,
  sql: Sql,
): Promise<string> {
  if (password === "") throw new SqlError(UNCATEGORISED, "empty passwords are not permitted");
  if (settings.bool("server.user_login.store_client_pre_hashed_passwords.enabled")) {
    const hash = recogniseHash(password, profile);
    if (hash !== undefined) return hash;
  }
  const minimum = settings.int("server.user_login.min_password_length");
  const bytes = Buffer.byteLength(password);
  if (bytes < minimum) {
    throw new SqlError(UNCATEGORISED, "password too short", {
      hint: `Passwords must be ${minimum} characters or longer.`,
    });
  }
  if (settings.text("server.user_login.password_encryption") === "scram-sha-256") {
    return deriveStored(
      password,
      settings.int("server.user_login.password_hashes.default_cost.scram_sha_256"),
    );
  }
  if (bytes > 72) throw new SqlError("28P01", "bcrypt: password length exceeds 72 bytes");
  return bcryptHash(
    sql,
    password,
    settings.int("server.user_login.password_hashes.default_cost.crdb_bcrypt"),
  );
}
