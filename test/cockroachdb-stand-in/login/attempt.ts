import type { Duplex } from "node:stream";
import type { Sql } from "../backend";
import type { Login, Rule } from "../hba/rules";
import type { Profile } from "../profile";
import type { Settings } from "../settings/settings";
import { bodyOf, readFrame } from "../wire/read";
import { SqlError } from "../wire/sql-error";
import type { StoredUser } from "./user";

/** Who is at the door, and through which. */
export interface Visitor extends Login {
  readonly stream: Duplex;
  /** The CN of a client certificate signed by our CA. */
  readonly certificate?: string;
}

/** A login once its rule and its user are found. */
export interface Attempt {
  readonly visitor: Visitor;
  readonly rule: Rule;
  readonly user: StoredUser;
  readonly settings: Settings;
  readonly profile: Profile;
  readonly sql: Sql;
}

/** Facts 4.4: without quotes, the same for every reason. */
export function passwordFailed(user: string): SqlError {
  return new SqlError("28P01", `password authentication failed for user ${user}`);
}

/** The client's answer to an authentication request. */
export async function readAnswer(stream: Duplex): Promise<Buffer> {
  const frame = await readFrame(stream);
  if (frame?.type !== "p") throw new SqlError("08P01", "expected a password message");
  return bodyOf(frame);
}
