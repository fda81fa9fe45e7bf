import { expect, it } from "vitest";
import { startClient, startServer, UserError, type Verifier } from "../../../../src/scram";
import { deriveKeys } from "../../../../src/scram/keys";
import { mutate, randomNumbers } from "./mutate";
import { certificateHash, clientNonce, mockKey, serverNonce } from "./support";

/** Of each of the four messages, half of them with channel binding. */
const MUTANTS = 40_000;

/** One iteration: what is tried here is the reading. */
const salt = Buffer.from("0123456789abcdef");
const { storedKey, serverKey } = await deriveKeys(Buffer.from("pencil"), salt, 1);
const verifier: Verifier = { iterations: 1, salt, storedKey, serverKey };

const open = (binding: { channelBinding?: Buffer }) => {
  const server = startServer({ lookup: () => verifier, mockKey, nonce: serverNonce, ...binding });
  const client = startClient({
    password: "pencil",
    user: "user",
    nonce: clientNonce,
    offered: server.mechanisms,
    minIterations: 1,
    maxIterations: 20,
    ...binding,
  });
  return { client, server };
};

/** The four messages as they should be. */
async function transcript(binding: { channelBinding?: Buffer }) {
  const { client, server } = open(binding);
  const clientFirst = client.first();
  const serverFirst = await server.first(client.mechanism, clientFirst);
  const clientFinal = await client.final(serverFirst);
  return {
    binding,
    clientFirst,
    serverFirst,
    clientFinal,
    serverFinal: server.final(clientFinal).serverFinalMessage,
  };
}
type Transcript = Awaited<ReturnType<typeof transcript>>;
const transcripts = [await transcript({}), await transcript({ channelBinding: certificateHash })];

/** How a side takes the mutant of one message, after the other messages as they should be. */
const SIDES = {
  clientFirst: async ({ binding }, mutant) => {
    const { client, server } = open(binding);
    await server.first(client.mechanism, mutant);
    return "goes on";
  },
  serverFirst: async ({ binding }, mutant) => {
    const { client } = open(binding);
    client.first();
    await client.final(mutant);
    return "goes on";
  },
  clientFinal: async ({ binding, clientFirst, clientFinal }, mutant) => {
    const { client, server } = open(binding);
    await server.first(client.mechanism, clientFirst);
    const { authenticated } = server.final(mutant);
    if (authenticated && mutant.toString() !== clientFinal) return "LET IN BY ANOTHER MESSAGE";
    return authenticated ? "unchanged" : "not let in";
  },
  serverFinal: async ({ binding, serverFirst, serverFinal }, mutant) => {
    const { client } = open(binding);
    client.first();
    await client.final(serverFirst);
    client.verify(mutant);
    const signed = mutant.toString().split(",")[0] === serverFinal;
    return signed ? "unchanged but for extensions" : "CONVINCED BY ANOTHER SIGNATURE";
  },
} satisfies Record<string, (transcript: Transcript, mutant: Buffer) => Promise<string>>;

const random = randomNumbers(20_261_122);

it.each(["clientFirst", "serverFirst", "clientFinal", "serverFinal"] as const)(
  `${MUTANTS} mutants of %s: a UserError or no harm`,
  { timeout: 30_000 },
  async (message) => {
    const outcomes: Record<string, number> = {};
    for (let i = 0; i < MUTANTS / 2; i++) {
      for (const transcript of transcripts) {
        const mutant = mutate(Buffer.from(transcript[message]), random);
        const outcome = await SIDES[message](transcript, mutant).catch(codeOf);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
    }
    console.log(`${MUTANTS} mutants of ${message}:`, outcomes);
    expect(Object.keys(outcomes).filter((outcome) => outcome === outcome.toUpperCase())).toEqual([]);
    // Many got past the first checks, or this would prove little.
    expect(Object.keys(outcomes).length).toBeGreaterThan(6);
  },
);

function codeOf(error: unknown): string {
  // Anything else is a bug, and shows its stack.
  if (error instanceof UserError) return error.code;
  throw error;
}
