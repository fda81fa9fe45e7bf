import { UserError } from "../../errors";

/** The names of the SASL mechanism without and with channel binding (RFC 7677 section 3). */
export type Mechanism = "SCRAM-SHA-256" | "SCRAM-SHA-256-PLUS";

/**
 * gs2-cbind-flag (RFC 5802 section 6): `n`, the client can't bind to the channel; `y`, it could but believes that the
 * server can't; `p=`, it does, and so. Of the types of binding only PostgreSQL's own is known here.
 */
export type GS2CbindFlag = "n" | "y" | "p=tls-server-end-point";

/** gs2-header, without an authorization identity. */
export function gs2Header(flag: GS2CbindFlag): string {
  return `${flag},,`;
}

/** cbind-input: what `c=` says in base64. The data is there with `p=`, and only then (RFC 5802 section 7). */
export function cbindInput(flag: GS2CbindFlag, cbindData: Uint8Array | undefined): Buffer {
  const header = Buffer.from(gs2Header(flag));
  return flag === "p=tls-server-end-point" ? Buffer.concat([header, cbindData ?? Buffer.alloc(0)]) : header;
}

/** @throws UserError `channel-binding-empty` */
export function checkCbindData(cbindData: Uint8Array | undefined): void {
  if (cbindData?.length === 0) {
    throw new UserError("channel-binding-empty", "The channel-binding data is empty", {
      hint: "give the hash of the server's certificate, or nothing at all without TLS",
    });
  }
}

/**
 * What the client does, from what the server offers and whether there is a channel to bind to.
 *
 * @throws UserError `mechanism-not-offered`
 */
export function chooseMechanism(
  offered: readonly string[],
  canBind: boolean,
): { readonly mechanism: Mechanism; readonly flag: GS2CbindFlag } {
  if (canBind && offered.includes("SCRAM-SHA-256-PLUS")) {
    return { mechanism: "SCRAM-SHA-256-PLUS", flag: "p=tls-server-end-point" };
  }
  if (offered.includes("SCRAM-SHA-256")) {
    return { mechanism: "SCRAM-SHA-256", flag: canBind ? "y" : "n" };
  }
  throw new UserError("mechanism-not-offered", "The server does not offer SCRAM-SHA-256", {
    hint: "it offers channel binding only, or another hash",
  });
}

/**
 * Whether the client's choice and its flag go together with what the server has offered.
 *
 * @throws UserError `mechanism-not-offered`, `channel-binding-flag`, `channel-binding-downgrade`
 */
export function checkChoice(offered: readonly Mechanism[], mechanism: string, flag: GS2CbindFlag): void {
  if (!offered.some((name) => name === mechanism)) {
    throw new UserError("mechanism-not-offered", "The client chose a mechanism that was not offered", {
      hint: `choose one of ${offered.join(", ")}`,
    });
  }
  const binds = flag === "p=tls-server-end-point";
  if (binds !== (mechanism === "SCRAM-SHA-256-PLUS")) {
    throw new UserError("channel-binding-flag", "The client's mechanism and channel-binding flag differ", {
      hint: "p= goes with SCRAM-SHA-256-PLUS, n and y with SCRAM-SHA-256",
    });
  }
  // RFC 5802 section 6: somebody took the offer of channel binding out on its way to the client.
  if (flag === "y" && offered.includes("SCRAM-SHA-256-PLUS")) {
    throw new UserError("channel-binding-downgrade", "The client did not see the offer of channel binding", {
      hint: "somebody between client and server may have removed it",
    });
  }
}
