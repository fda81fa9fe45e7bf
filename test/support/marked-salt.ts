import { createHash, randomBytes } from "node:crypto";

/**
 * A salt as versions before 0.1.0 made them: 16 bytes, and 8 more that name the resource. Anybody can compute these from
 * public names.
 */
export function markedSalt(owner: string): Buffer {
  const sha256 = (data: Buffer | string, bytes: number) =>
    createHash("sha256").update(data).digest().subarray(0, bytes);
  const named = Buffer.concat([randomBytes(16), sha256(owner, 5)]);
  return Buffer.concat([named, sha256(Buffer.concat([Buffer.from("pulumi-scram"), named]), 3)]);
}
