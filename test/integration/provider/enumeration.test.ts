import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../../src/database/open";
import { startPostgres } from "../../../tools/postgres/server.mts";
import { deploy, userProviderFor } from "../../support/engine-side";
import { serverHas } from "../../support/server-version";

/** What a server tells of a user to anyone who begins to log in, as far as users can be told apart by it. */
async function told(url: string, user: string) {
  const challenge = await (await openDatabase(url)).challenge(user);
  if (challenge.asks !== "scram-sha-256") return challenge;
  return { salt: challenge.salt.length, iterations: challenge.iterations };
}

describe.runIf(serverHas("scramIterations")).each(["4096", "10610"])(
  "PostgreSQL, whose scram_iterations is %s",
  (scramIterations) => {
    it("answers for a user that does not exist as for one with 4,096 iterations, and for no other", async () => {
      const server = await startPostgres({ scram_iterations: scramIterations });
      try {
        const name = () => `user_${randomUUID().slice(0, 8)}`;
        const [missing, usual, inconspicuous] = [name(), name(), name()];
        await deploy(userProviderFor(server.url), { username: usual, password: "pw" });
        await deploy(userProviderFor(server.url), {
          username: inconspicuous,
          password: "pw",
          iterations: 4096,
        });

        expect(await told(server.url, missing)).toEqual({ salt: 16, iterations: 4096 });
        expect(await told(server.url, inconspicuous)).toEqual({ salt: 16, iterations: 4096 });
        expect(await told(server.url, usual)).toEqual({ salt: 16, iterations: 10_610 });
      } finally {
        await server.stop();
      }
    });
  },
);
