import fc from "fast-check";
import { expect, it } from "vitest";
import { startClient, startServer, type Verifier } from "../../../../src/scram";
import { deriveKeys } from "../../../../src/scram/keys";
import { normalizePassword } from "../../../../src/scram/saslprep";
import { mockKey } from "./support";

const RUNS = 500;

/** With any number of iterations, where deriveVerifier insists on 4096. */
async function verifierOf(password: string, salt: Uint8Array, iterations: number): Promise<Verifier> {
  const octets = Buffer.from(salt);
  return {
    iterations,
    salt: octets,
    ...(await deriveKeys(normalizePassword(password), octets, iterations)),
  };
}

const text = (minLength: number) => fc.string({ unit: "grapheme", minLength });
const certificateHash = fc.option(fc.uint8Array({ minLength: 1, maxLength: 64 }), { nil: undefined });

it(`client and server agree, in ${RUNS} exchanges: on the right password, the channel and the user, and on nothing less`, async () => {
  await fc.assert(
    fc.asyncProperty(
      text(1),
      text(0).filter((name) => !name.includes("\0")),
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
      fc.integer({ min: 1, max: 20 }),
      certificateHash,
      certificateHash,
      fc.boolean(),
      async (password, user, salt, iterations, clientHash, serverHash, wrong) => {
        const verifier = await verifierOf(password, salt, iterations);
        const server = startServer({
          lookup: (name) => (name === user ? verifier : undefined),
          mockKey,
          ...(serverHash && { channelBinding: serverHash }),
        });
        const client = startClient({
          password: wrong ? `${password}x` : password,
          user,
          offered: server.mechanisms,
          minIterations: 1,
          ...(clientHash && { channelBinding: clientHash }),
        });
        const final = await client.final(await server.first(client.mechanism, client.first()));

        const bound = clientHash !== undefined && serverHash !== undefined;
        expect(client.mechanism).toBe(bound ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256");
        if (bound && !Buffer.from(clientHash).equals(serverHash)) {
          expect(() => server.final(final)).toThrow(/bound to another channel/);
          return;
        }
        const outcome = server.final(final);
        expect(outcome).toMatchObject({ authenticated: !wrong, user });
        if (wrong) expect(() => client.verify(outcome.serverFinalMessage)).toThrow(/password is wrong/);
        else client.verify(outcome.serverFinalMessage);
        expect(client.verified).toBe(!wrong);
      },
    ),
    { numRuns: RUNS },
  );
});
