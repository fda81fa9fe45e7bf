export interface Host {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  /** Where to connect in place of looking the name up; the name is still the one that a certificate must have. */
  readonly address?: string;
}

export function isSocket({ host, address }: Host): boolean {
  return address === undefined && host.startsWith("/");
}
