import { describe, expect, it } from "vitest";
import { type SignatureHash, tlsServerEndPoint } from "../../../../src/scram";
import certificates from "../vectors/exchange/certificates.json";

/** Made and hashed with OpenSSL. */
const vectors: readonly {
  label: string;
  certificate: string;
  signatureHash?: string;
  channelBinding?: string;
  code?: string;
}[] = certificates;

describe("tlsServerEndPoint", () => {
  it.each(vectors)("$label", ({ certificate, signatureHash, channelBinding, code }) => {
    const hash = () =>
      tlsServerEndPoint(Buffer.from(certificate, "base64"), signatureHash as SignatureHash | undefined);
    if (code === undefined) expect(hash().toString("hex")).toBe(channelBinding);
    else expect(hash).toThrow(expect.objectContaining({ name: "UserError", code }));
  });
});
