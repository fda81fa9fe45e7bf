import { cockroachdbHas, type Dialect, isCockroachdb } from "../dialect";
import { CONNECTION_TYPES, type ConnectionType, type Field, type HbaEntry, type Token } from "../model";
import { checkComplete, checkMethod, checkName, checkOption } from "./check-postgresql";
import { FieldReader, single } from "./field-reader";
import { goQuote } from "./go-quote";
import { parseAddress } from "./parse-address";
import { parseOptions } from "./parse-options";
import type { ScannedLine } from "./scanned-line";
import { HbaSyntaxError } from "./syntax-error";

/** Both servers read a line the same way, CockroachDB's parser being modelled on PostgreSQL's parse_hba_line. */
export function parseEntry(line: ScannedLine, dialect: Dialect): HbaEntry {
  const reader = new FieldReader(line);
  const connection = connectionOf(reader, dialect);
  const databases = checked(reader.take("database-missing", "database specification"), dialect);
  const users = checked(reader.take("user-missing", "role specification"), dialect);
  const address = connection.type === "local" ? undefined : parseAddress(reader, dialect);
  const columns = {
    connection,
    ...(address === undefined ? {} : { address }),
    method: methodOf(reader, dialect),
  };
  if (isCockroachdb(dialect)) {
    const options = parseOptions(columns.method, reader.rest(), dialect);
    return { ...columns, databases, users, options };
  }
  checkMethod(columns, dialect);
  const options = parseOptions(columns.method, reader.rest(), dialect, (option) =>
    checkOption(option, columns, dialect),
  );
  checkComplete(columns, options, dialect);
  return { ...columns, databases, users, options };
}

function checked(names: Field, dialect: Dialect): Field {
  for (const name of names) checkName(name, dialect);
  return names;
}

function connectionOf(reader: FieldReader, dialect: Dialect): HbaEntry["connection"] {
  const token = single(
    reader.take("connection-missing", "connection type"),
    "connection-list",
    "connection type",
    "Specify exactly one connection type per line.",
  );
  const type = CONNECTION_TYPES.find((known) => known === token.value);
  if (type !== undefined && isKnown(type, dialect)) return { type, token };
  throw new HbaSyntaxError(
    "connection-unknown",
    token,
    isCockroachdb(dialect)
      ? `unknown connection type: ${goQuote(token.value)}`
      : `invalid connection type "${token.value}"`,
    token.value.startsWith("\ufeff")
      ? { hint: "The text begins with a byte order mark (BOM); save it as UTF-8 without one." }
      : {},
  );
}

function isKnown(type: ConnectionType, dialect: Dialect): boolean {
  if (type === "loopback") return cockroachdbHas(dialect, "loopback");
  return !isCockroachdb(dialect) || !type.endsWith("gssenc");
}

function methodOf(reader: FieldReader, dialect: Dialect): Token {
  const what = isCockroachdb(dialect) ? "authentication method" : "authentication type";
  const token = single(
    reader.take("method-missing", "authentication method"),
    "method-list",
    what,
    `Specify exactly one ${what} per line.`,
  );
  if (token.value === "" && isCockroachdb(dialect)) {
    throw new HbaSyntaxError("method-empty", token, "cannot use empty string as authentication method");
  }
  return token;
}
