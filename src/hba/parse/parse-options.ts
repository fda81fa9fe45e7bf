import { cockroachdbHas, type Dialect } from "../dialect";
import type { Field, Option, Token } from "../model";
import { HbaSyntaxError } from "./syntax-error";

/**
 * `name=value`, split at the first `=`; a field may hold several, separated by commas.
 *
 * @param check called for each in turn, so that the first mistake of a line is the one reported
 */
export function parseOptions(
  fields: readonly Field[],
  dialect: Dialect,
  check: (option: Option) => void = () => {},
): Option[] {
  const tokens = fields.flat();
  const firstSecret = tokens.find((token) => SECRET_OPTION.test(token.value));
  const afterSecret = (token: Token) =>
    firstSecret !== undefined && tokens.indexOf(token) > tokens.indexOf(firstSecret);
  const across = cockroachdbHas(dialect, "optionAcrossTokens");
  return fields.flatMap((field) => {
    if (across) return acrossTokens(field, afterSecret);
    return field.map((token) => {
      const option = { ...split(token, afterSecret(token)), token };
      check(option);
      return option;
    });
  });
}

/** Options whose value is a password. */
export const SECRET_OPTION = /^(?:ldapbindpasswd|radiussecrets)(?:=|$)/;

/** CockroachDB since 24.3: `name=` takes all that is left of its field as its value. */
function acrossTokens(field: Field, afterSecret: (token: Token) => boolean): Option[] {
  const options: Option[] = [];
  for (const [index, token] of field.entries()) {
    const { name, value } = split(token, afterSecret(token));
    if (value !== "") {
      options.push({ name, value, token });
      continue;
    }
    const rest = field.slice(index + 1).map((following) => following.value);
    if (rest.length === 0) throw notAnOption(token, afterSecret(token));
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

/** The server repeats the token; we don't where it may be the second half of a password. */
function notAnOption(token: Token, hidden: boolean): HbaSyntaxError {
  return new HbaSyntaxError(
    "option-format",
    token,
    `authentication option not in name=value format: ${hidden ? "<hidden>" : token.value}`,
  );
}
