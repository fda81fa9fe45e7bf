import type { Profile } from "../profile";
import { SqlError, UNCATEGORISED } from "../wire/sql-error";

interface Mapping {
  readonly map: string;
  readonly identity: RegExp;
  readonly user: string;
}

/** Facts 1.8; also what SET CLUSTER SETTING checks. */
export function parseIdentityMap(text: string, { foldsIdentityMap }: Profile): readonly Mapping[] {
  const flags = foldsIdentityMap ? "iu" : "u";
  return text.split("\n").flatMap((line, i) => {
    const words = line.replace(/#.*/, "").trim();
    if (words === "") return [];
    const [, map = "", identity = "", user = ""] = /^(\S+)\s+(\S+)\s+(\S+)$/.exec(words) ?? [];
    if (map === "") {
      throw new SqlError(UNCATEGORISED, `unable to parse line ${i + 1}: ${JSON.stringify(words)}`);
    }
    const pattern = identity.startsWith("/")
      ? compile(identity.slice(1), flags)
      : compile(`^${escapeRegExp(identity)}$`, flags);
    if (user.includes("\\1") && new RegExp(`${pattern.source}|`).exec("")?.length === 1) {
      const reason = `saw \\1 substitution on line ${i + 1}, but pattern contains no subexpressions`;
      throw new SqlError(UNCATEGORISED, reason);
    }
    return [{ map, identity: pattern, user }];
  });
}

/** @throws SqlError 28000 unless the identity may be that user by the named map */
export function checkIdentity(
  text: string,
  map: string,
  identity: string,
  user: string,
  profile: Profile,
): void {
  const users = parseIdentityMap(text, profile)
    .filter((mapping) => mapping.map === map)
    .flatMap((mapping) => {
      const match = mapping.identity.exec(identity);
      return match === null ? [] : [mapping.user.replace("\\1", match[1] ?? "")];
    });
  if (users.length === 0) {
    throw new SqlError("28000", `system identity "${identity}" did not map to a database role`);
  }
  if (users.includes(user) && user === "root") {
    throw new SqlError("28000", `system identity "${identity}" mapped to reserved database role "root"`);
  }
  if (!users.includes(user)) {
    const reason = `requested user identity "${user}" does not correspond to any mapping for system identity "${identity}"`;
    throw new SqlError("28000", reason);
  }
}

function compile(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch {
    throw new SqlError(UNCATEGORISED, `error parsing regexp: ${pattern}`);
  }
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
