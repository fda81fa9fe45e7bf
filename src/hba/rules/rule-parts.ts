export type OneOrMore<T> = T | readonly T[];

/** What every rule may have. */
export interface Noted {
  /** Written behind the rule, after `#`. One line. */
  readonly comment?: string;
}

export interface Socket {
  /** The connection type, as in the `TYPE` column of `pg_hba.conf`. */
  readonly type: "local";
  readonly address?: never;
}

export interface Tcp<C extends string = "host" | "hostssl" | "hostnossl"> {
  /** The connection type, as in the `TYPE` column of `pg_hba.conf`. */
  readonly type: C;
  /** A CIDR such as `10.0.0.0/8`, a single IP address, or `all`. */
  readonly address: string;
}

export type Tls = Tcp<"hostssl">;

export interface Method<M extends string> {
  readonly method: M;
  readonly options?: never;
}

export interface MethodWith<M extends string, O> {
  readonly method: M;
  readonly options?: O;
}

export interface MethodNeeding<M extends string, O> {
  readonly method: M;
  readonly options: O;
}

/** The name of a map that turns a certificate's or the system's names into users. */
export interface NameMap {
  readonly map?: string;
}
