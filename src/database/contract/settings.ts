/** A server's setting as it was set, apart from what is in force by default. */
export interface SettingReading {
  /** In the server's spelling. `undefined` where the server hides it. */
  readonly value: string | undefined;
  /** Whether it was set at all, be it to its default. */
  readonly isSet: boolean;
}

/** Settings of the whole server. Every method throws a UserError. */
export interface SettingsAccess {
  /** A name that the server does not know is left out. */
  read(names: readonly string[]): Promise<ReadonlyMap<string, SettingReading>>;
  /** @param value `undefined` to unset it */
  write(name: string, value: string | undefined): Promise<void>;
}
