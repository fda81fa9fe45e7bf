import { cockroachdbHas, type Dialect } from "../dialect";
import type { Field, Option, Token } from "../model";
import { HbaSyntaxError } from "./syntax-error";

/**
 * `name=value`, split at the first `=`; a field may hold several, separated by commas.
 *
 * @param check called for each in turn, so that the first mistake of a line is the one reported
 */
export function parseOptions(
  method: Token,
  fields: readonly Field[],
  dialect: Dialect,
  check: (option: Option) => void = () => {},
): Option[] {
  const tokens = fields.flat();
  const firstSecret = tokens.findIndex((token) => SECRET_OPTION.test(token.value));
  const afterSecret = new Set(firstSecret < 0 ? [] : tokens.slice(firstSecret + 1));
  const mayBeSecret = (token: Token) =>
    afterSecret.has(token) ||
    (/^(?:ldap|radius)$/.test(method.value) && !token.value.startsWith(method.value));
  const across = cockroachdbHas(dialect, "optionAcrossTokens");
  return fields.flatMap((field) => {
    if (across) return acrossTokens(field, mayBeSecret);
    return field.map((token) => {
      const option = { ...split(token, mayBeSecret(token)), token };
      check(option);
      return option;
    });
  });
}

/** Options whose value is a password: `ldapbindpasswd`, `radiussecrets`, and however somebody may misspell them. */
export const SECRET_OPTION = /^[^=]*(?:passw|pwd|secret)[^=]*(?:=|$)/i;

/** CockroachDB since 24.3: `name=` takes all that is left of its field as its value. */
function acrossTokens(field: Field, mayBeSecret: (token: Token) => boolean): Option[] {
  const options: Option[] = [];
  for (const [index, token] of field.entries()) {
    const { name, value } = split(token, mayBeSecret(token));
    if (value !== "") {
      options.push({ name, value, token });
      continue;
    }
    const rest = field.slice(index + 1).map((following) => following.value);
    if (rest.length === 0) throw notAnOption(token, mayBeSecret(token));
    options.push({ name, value: rest.join(", "), token });
    break;
  }
  return options;
}

function split(token: Token, hidden: boolean): { name: string; value: string } {
  const equals = token.value.indexOf("=");
  if (equals < 0) throw notAnOption(token, hidden);
  return { name: token.value.slice(0, equals), value: token.value.slice(equals + 1) };
}

/** The server repeats the token; we don't where it may be a password, or the second half of one. */
function notAnOption(token: Token, hidden: boolean): HbaSyntaxError {
  return new HbaSyntaxError(
    "option-format",
    token,
    `authentication option not in name=value format: ${hidden ? "<hidden>" : token.value}`,
  );
}
