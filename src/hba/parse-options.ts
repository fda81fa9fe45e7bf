import { cockroachdbHas, type Dialect } from "./dialect";
import type { Field, Option, Token } from "./model";
import { HbaSyntaxError } from "./syntax-error";

/** `name=value`, split at the first `=`; a field may hold several, separated by commas. */
export function parseOptions(fields: readonly Field[], dialect: Dialect): Option[] {
  const secret = fields.flat().some((token) => SECRET_OPTION.test(token.value));
  return fields.flatMap((field) =>
    cockroachdbHas(dialect, "optionAcrossTokens") ? acrossTokens(field, secret) : field.map(oneToken(secret)),
  );
}

/** Options whose value is a password. */
export const SECRET_OPTION = /^(?:ldapbindpasswd|radiussecrets)(?:=|$)/;

function oneToken(secret: boolean): (token: Token) => Option {
  return (token) => {
    const { name, value } = split(token, secret);
    return { name, value, token };
  };
}

/** CockroachDB since 24.3: `name=` takes all that is left of its field as its value. */
function acrossTokens(field: Field, secret: boolean): Option[] {
  const options: Option[] = [];
  for (const [index, token] of field.entries()) {
    const { name, value } = split(token, secret);
    if (value !== "") {
      options.push({ name, value, token });
      continue;
    }
    const rest = field.slice(index + 1).map((following) => following.value);
    if (rest.length === 0) throw notAnOption(token, secret);
    options.push({ name, value: rest.join(", "), token });
    break;
  }
  return options;
}

function split(token: Token, secret: boolean): { name: string; value: string } {
  const equals = token.value.indexOf("=");
  if (equals < 0) throw notAnOption(token, secret);
  return { name: token.value.slice(0, equals), value: token.value.slice(equals + 1) };
}

/** The server repeats the token; we don't where it may be the second half of a password. */
function notAnOption(token: Token, secret: boolean): HbaSyntaxError {
  return new HbaSyntaxError(
    "option-format",
    token,
    `authentication option not in name=value format: ${secret ? "<hidden>" : token.value}`,
  );
}
