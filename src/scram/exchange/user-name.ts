import { UserError } from "../../errors";

/**
 * A user name as saslname (RFC 5802 section 5.1): `,` and `=` can't stand for themselves. The name is sent as it
 * is otherwise; SASLprep would turn it into one that the database does not know.
 *
 * @throws UserError `user-name-characters`
 */
export function escapeUserName(user: string): string {
  if (!user.isWellFormed() || user.includes("\0")) {
    throw new UserError("user-name-characters", "The user name has a NUL in it or is no Unicode text");
  }
  return user.replaceAll("=", "=3D").replaceAll(",", "=2C");
}

/**
 * The name behind a saslname. May be empty, against the grammar: PostgreSQL's clients send it so, for the server
 * knows the name from the startup packet.
 *
 * @throws UserError `user-name-escape`
 */
export function unescapeUserName(saslname: string): string {
  if (/=(?!2C|3D)/.test(saslname)) {
    throw new UserError("user-name-escape", "The user name in the client-first-message has a bare =", {
      hint: "a client writes =3D for = and =2C for a comma (RFC 5802 section 5.1)",
    });
  }
  return saslname.replaceAll("=2C", ",").replaceAll("=3D", "=");
}
