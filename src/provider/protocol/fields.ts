import { choiceRule, flagRule, type Rule } from "./rules";
import { type CheckFailure, compact, hasUnknown, type Json, type Props, secret } from "./wire";

/**
 * A field of a resource: an argument that a program gives, or what the state holds beside the arguments. What a check judges and
 * what a state holds both come from the resource's table of fields.
 */
export interface Field {
  /** Absent for what no program gives. */
  readonly rule?: Rule;
  /** Must be given. */
  readonly required?: true;
  /** Given by the resource class, and no argument of a program. */
  readonly internal?: true;
  /** Encrypted in the state. */
  readonly secret?: true;
  /** For the check alone: no state has it. */
  readonly transient?: true;
  /** From the state, whatever it may lack. */
  readonly read: (value: Json | undefined) => unknown;
  /** For the state. `undefined` is not recorded, so that a preview shows no more than was declared. */
  readonly write: (value: never) => Json | undefined;
}

export type Fields = Readonly<Record<string, Field>>;

/** What a state holds, by its table of fields. */
export type StateOf<F extends Fields> = {
  readonly [K in keyof F as F[K] extends { readonly transient: true } ? never : K]: ReturnType<F[K]["read"]>;
};

/** What a program may give, by a table of fields. */
export type ArgumentsOf<F extends Fields> = {
  [K in keyof F]: F[K] extends { readonly internal: true }
    ? never
    : F[K] extends { readonly rule: Rule }
      ? K
      : never;
}[keyof F];

/** Text; `undefined` where there is none. */
export const TEXT = {
  read: (value: Json | undefined) => (typeof value === "string" ? value : undefined),
  write: (value: string | undefined) => value,
} as const;

/** Recorded as it is given. */
export const AS_GIVEN = {
  read: (value: Json | undefined) => value,
  write: (value: Json | undefined) => value,
} as const;

/** Recorded where it is true. */
export const FLAG = {
  rule: flagRule,
  read: (value: Json | undefined) => value === true,
  write: (value: boolean) => (value ? true : undefined),
} as const;

/** Recorded where it is another than the first, which is the default. */
export function choice<const C extends string>(first: C, ...others: C[]) {
  return {
    rule: choiceRule([first, ...others]),
    read: (value: Json | undefined) => (value ?? first) as C,
    write: (value: C) => (value === first ? undefined : value),
  } as const;
}

/** As `choice`, and recorded in any case. */
export function recordedChoice<const C extends string>(first: C, ...others: C[]) {
  return { ...choice(first, ...others), write: (value: C) => value } as const;
}

/** States of before 0.1.0 have another word for a value. */
export function formerly<F extends Field>(field: F, words: Readonly<Record<string, string>>): F {
  const read = (value: Json | undefined) =>
    field.read(typeof value === "string" && Object.hasOwn(words, value) ? words[value] : value);
  return { ...field, read };
}

/** What is wrong with the arguments, each by itself, and which are missing. A value that is not known yet is not judged. */
export function fieldFailures(resource: string, fields: Fields, args: Props): CheckFailure[] {
  const missing = Object.entries(fields).flatMap(([name, { required, rule }]) =>
    required && rule && args[name] === undefined ? failure(`${name} is missing; it ${rule(null)}`) : [],
  );
  const wrong = Object.entries(args).flatMap(([name, value]) => {
    const rule = Object.hasOwn(fields, name) ? fields[name]?.rule : undefined;
    if (rule === undefined)
      return failure(`${name} is not an argument of ${resource}; it takes ${argumentsOf(fields).join(", ")}`);
    const reason = hasUnknown(value) ? undefined : rule(value);
    return reason === undefined ? [] : failure(`${name} ${reason}`);
  });
  return [...missing, ...wrong];
}

export function failure(reason: string): CheckFailure[] {
  return [{ property: "", reason }];
}

/** What a program may give. */
export function argumentsOf(fields: Fields): string[] {
  return namesWhere(fields, ({ rule, internal }) => rule !== undefined && !internal);
}

export function namesWhere<F extends Field>(
  fields: Readonly<Record<string, F>>,
  has: (field: F) => unknown,
): string[] {
  return Object.entries(fields)
    .filter(([, field]) => has(field))
    .map(([name]) => name);
}

/** From a state, after the engine has unwrapped the secrets. */
export function readFields<F extends Fields>(fields: F, props: Props): StateOf<F> {
  const names = namesWhere(fields, ({ transient }) => !transient);
  return Object.fromEntries(names.map((name) => [name, fields[name]?.read(props[name])])) as StateOf<F>;
}

/** The reverse, with what is secret marked. */
export function writeFields<F extends Fields>(fields: F, state: StateOf<F>): Props {
  return secretFields(fields, unmarked(fields, state));
}

/** As `writeFields`, of some fields, to be merged with others. */
export function unmarked(fields: Fields, state: object): Readonly<Record<string, Json | undefined>> {
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [name, fields[name]?.write(value as never)]),
  );
}

/** Marks what is secret, whether it is known or not, and leaves out what is not there. */
export function secretFields(fields: Fields, props: Readonly<Record<string, Json | undefined>>): Props {
  const marked = Object.entries(props).map(([name, value]) => [
    name,
    fields[name]?.secret ? secret(value) : value,
  ]);
  return compact(Object.fromEntries(marked));
}
