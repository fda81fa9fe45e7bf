import { printable } from "../../printable";

/**
 * The conventions of Pulumi's provider protocol as the Node.js dynamic-provider process speaks it, and all that the
 * provider layer knows of Pulumi. Source: @pulumi/pulumi `runtime/rpc` and `cmd/dynamic-provider`.
 */

/** In a preview, the place of a value that is known only after `up`. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Props = Readonly<Record<string, Json>>;

export interface CheckFailure {
  /** Empty: the engine prints the value of the property it is given, and a secret may have got into any argument. */
  readonly property: "";
  readonly reason: string;
}

export interface CheckResult {
  readonly inputs?: Props;
  readonly failures?: readonly CheckFailure[];
}

/** Without `changes`, on purpose: then the engine compares the inputs itself and names each changed property, secrets too. */
export interface DiffResult {
  readonly replaces?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
}

/** One kind of resource, as the dynamic-provider process calls it. */
export interface Provider {
  configure(request: { config: { get(key: string): string | undefined } }): void;
  check(olds: Props, news: Props): Promise<CheckResult>;
  diff(id: string, olds: Props, news: Props): Promise<DiffResult>;
  create(inputs: Props): Promise<{ id: string; outs: Props }>;
  read(id: string, props: Props): Promise<{ id: string; props: Props; inputs: Props }>;
  update(id: string, olds: Props, news: Props): Promise<{ outs: Props }>;
  delete(id: string, props: Props): Promise<void>;
}

/**
 * Some of an operation was done: the engine records `properties` as what there is, shows the reasons, and updates next time.
 * Thrown; the SDK knows it by its fields, and leaves out `__provider`, without which no later call would work.
 */
export class PartialFailure extends Error {
  readonly id: string;
  readonly properties: Props;
  readonly reasons: readonly string[];

  constructor(id: string, properties: Props & { readonly __provider: Json }, reasons: readonly string[]) {
    // The engine shows the reasons alone; the message travels beside them, where there is little room.
    super("some of it failed");
    this.id = id;
    this.properties = properties;
    this.reasons = reasons.map(printable);
  }
}

/** Marks a value so that the engine encrypts it in the state and shows `[secret]`; what is absent stays so. */
export function secret<T extends Json | undefined>(value: T): T extends undefined ? undefined : Json;
export function secret(value: Json | undefined): Json | undefined {
  return value === undefined ? undefined : { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

/** The reverse of `secret`, wherever it stands: what the engine does before it hands values over. */
export function unwrapSecrets(props: Props = {}): Props {
  return Object.fromEntries(Object.entries(props).map(([key, value]) => [key, unwrap(value)]));
}

function unwrap(value: Json): Json {
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== "object" || value === null) return value;
  const wrapped = value as Props;
  return wrapped[SIGNATURE_KEY] === SECRET_SIGNATURE ? unwrap(wrapped.value ?? null) : unwrapSecrets(wrapped);
}

export function isRecord(value: Json | undefined): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True where the value, or anything inside it, is not known yet. */
export function hasUnknown(value: Json | undefined): boolean {
  if (value === UNKNOWN) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}

/** The wire refuses `undefined`; a property that is not there is left out. */
export function compact(props: Readonly<Record<string, Json | undefined>>): Props {
  return Object.fromEntries(
    Object.entries(props).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}

const said = new Set<string>();

/**
 * As `warn`, once for all the resources that this process serves.
 *
 * @param what tells what is said from other things, where the line itself names a resource
 */
export function warnOnce(line: string, what = line): void {
  if (said.has(what)) return;
  said.add(what);
  warn(line);
}

/** A line under the stack's diagnostics, in preview and in up. Never a secret in it; what it quotes of others is printable there. */
export function warn(line: string): void {
  console.error(`warning: ${printable(line)}`);
}
