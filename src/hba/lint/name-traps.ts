import { type Dialect, isCockroachdb } from "../dialect";
import { KEYWORDS } from "../keywords";
import { type HbaEntry, isKeyword, type Token } from "../model";
import { nameKind } from "../name-kind";
import { canBeCockroachdbUser, foldName } from "../names";
import { type HbaFinding, info, warning } from "./finding";

/** Names that mean something else than they look like, or nothing at all. */
export function nameTraps(entry: HbaEntry, dialect: Dialect): HbaFinding[] {
  return [
    ...(isCockroachdb(dialect)
      ? entry.users.flatMap(neverMatches)
      : [...quotedNames(entry, dialect), ...longNames(entry, dialect)]),
    ...mistakenKeywords(entry),
    ...forgottenNames(entry),
  ];
}

/** Prefixes with a meaning in PostgreSQL only. */
const POSTGRESQL_ONLY: Record<string, string> = {
  "+": "no role membership",
  "@": "no files of names",
  "/": "no regular expressions",
};

function neverMatches(token: Token): HbaFinding[] {
  if (isKeyword(token, "all")) return [];
  const name = foldName(token.value);
  const unsupported = POSTGRESQL_ONLY[name.charAt(0)];
  if (unsupported !== undefined) {
    return [
      warning(
        "user-never-matches",
        token,
        `\`${token.raw}\` never matches: CockroachDB knows ${unsupported} in its rules and takes this for a name`,
        "list the users one by one",
      ),
    ];
  }
  if (!canBeCockroachdbUser(token.value)) {
    return [
      warning("user-never-matches", token, `\`${token.raw}\` never matches, for no user can have that name`),
    ];
  }
  if (name !== "admin") return [];
  return [
    warning(
      "user-never-matches",
      token,
      "`admin` is a role: it does not log in itself, and the rule does not match its members",
      "list the users one by one",
    ),
  ];
}

/** Quotes take the meaning of `+role` and `@file` in PostgreSQL, but not that of `/pattern`. */
function quotedNames(entry: HbaEntry, dialect: Dialect): HbaFinding[] {
  return entry.users.flatMap((token) => {
    if (!token.quoted) return [];
    if (nameKind(token, "user", dialect) === "pattern") {
      return [
        info("quoted-pattern", token, `\`${token.raw}\` is a regular expression although it is quoted`),
      ];
    }
    return /^[+@]./.test(token.value)
      ? [info("quoted-name", token, `\`${token.raw}\` is the user of that very name, because it is quoted`)]
      : [];
  });
}

/** NAMEDATALEN - 1. */
const MAX_BYTES = 63;

function longNames({ users, databases }: HbaEntry, dialect: Dialect): HbaFinding[] {
  const columns = { user: users, database: databases } as const;
  return (["user", "database"] as const).flatMap((column) =>
    columns[column].flatMap((token) => {
      const kind = nameKind(token, column, dialect);
      if (kind !== "literal" && kind !== "member") return [];
      const bytes = Buffer.byteLength(token.value) - (kind === "member" ? 1 : 0);
      if (bytes <= MAX_BYTES) return [];
      return [
        warning(
          `${column}-never-matches`,
          token,
          `Nothing has that name: it has ${bytes} bytes, and PostgreSQL's names have at most ${MAX_BYTES}`,
        ),
      ];
    }),
  );
}

/** `ALL`, and `"all"` where it can only be meant as the keyword. */
function mistakenKeywords({ databases, users, address }: HbaEntry): HbaFinding[] {
  const columns = [
    ...databases.map((token) => ({ token, words: KEYWORDS.database, as: "database" })),
    ...users.map((token) => ({ token, words: KEYWORDS.user, as: "user" })),
    ...(address?.kind === "host" ? [{ token: address.token, words: KEYWORDS.address, as: "host" }] : []),
  ];
  return columns.flatMap(({ token, words, as }) => {
    const word = words.find((keyword) => keyword === token.value.toLowerCase());
    if (word === undefined || isKeyword(token, word)) return [];
    const reason = token.quoted ? "is quoted" : "is not in lower case";
    return [
      warning(
        "keyword-mistaken",
        token,
        `\`${token.raw}\` is the ${as} of that name, not the keyword \`${word}\`, because it ${reason}`,
      ),
    ];
  });
}

/** `all` among other users: the others say nothing. */
function forgottenNames({ users }: HbaEntry): HbaFinding[] {
  const all = users.find((token) => isKeyword(token, "all"));
  if (all === undefined || users.length === 1) return [];
  return [
    info("users-forgotten", all, "`all` matches every user, so the other names in the list say nothing"),
  ];
}
