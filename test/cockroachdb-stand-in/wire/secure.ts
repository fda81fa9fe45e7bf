import type { Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";

export interface TlsOptions {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  /** Of client certificates; without it none is asked for. */
  readonly ca?: string | Buffer;
}

/** TLS on a connection; `undefined` if it fails. A client may come without a certificate, but not with one our CA did not sign. */
export function secure(socket: Socket, tls: TlsOptions): Promise<TLSSocket | undefined> {
  const requestCert = tls.ca !== undefined;
  const server = createServer({ ...tls, requestCert, rejectUnauthorized: false });
  return new Promise((resolve) => {
    server.once("tlsClientError", () => resolve(undefined));
    server.once("secureConnection", (secured) => {
      secured.on("error", () => {});
      const stranger = certificateName(secured) !== undefined && !secured.authorized;
      resolve(stranger ? undefined : secured);
    });
    server.emit("connection", socket);
  });
}

/** The CN of the client's certificate. */
export function certificateName(secured: TLSSocket): string | undefined {
  const name = secured.getPeerCertificate().subject?.CN;
  return Array.isArray(name) ? name[0] : name;
}
