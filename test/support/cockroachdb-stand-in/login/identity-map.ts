import { SqlError, UNCATEGORISED } from "../wire/sql-error";

interface Mapping {
  readonly map: string;
  readonly identity: RegExp;
  readonly user: string;
}

/** Facts 1.8; also what SET CLUSTER SETTING checks. */
export function parseIdentityMap(text: string): readonly Mapping[] {
  return text.split("\n").flatMap((line, i) => {
    const words = line.replace(/#.*/, "").trim();
    if (words === "") return [];
    const [, map = "", identity = "", user = ""] = /^(\S+)\s+(\S+)\s+(\S+)$/.exec(words) ?? [];
    if (map === "") {
      throw new SqlError(UNCATEGORISED, `unable to parse line ${i + 1}: ${JSON.stringify(words)}`);
    }
    const pattern = identity.startsWith("/")
      ? compile(identity.slice(1))
      : compile(`^${escapeRegExp(identity)}$`);
    if (user.includes("\\1") && new RegExp(`${pattern.source}|`).exec("")?.length === 1) {
      const reason = `saw \\1 substitution on line ${i + 1}, but pattern contains no subexpressions`;
      throw new SqlError(UNCATEGORISED, reason);
    }
    return [{ map, identity: pattern, user }];
  });
}

/** @throws SqlError 28000 unless the identity may be that user by the named map */
export function checkIdentity(text: string, map: string, identity: string, user: string): void {
  const users = parseIdentityMap(text)
    .filter((mapping) => mapping.map === map)
    .flatMap((mapping) => {
      const match = mapping.identity.exec(identity);
      return match === null ? [] : [mapping.user.replace("\\1", match[1] ?? "")];
    });
  if (users.length === 0) {
    throw new SqlError("28000", `system identity "${identity}" did not map to a database role`);
  }
  if (!users.includes(user) || user === "root") {
    const reason = `requested user identity "${user}" does not correspond to any mapping for system identity "${identity}"`;
    throw new SqlError("28000", reason);
  }
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch {
    throw new SqlError(UNCATEGORISED, `error parsing regexp: ${pattern}`);
  }
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
