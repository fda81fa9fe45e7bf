import { beforeAll, describe, expect, it, vi } from "vitest";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { FakeServer, type Moment, type Situation } from "../../support/fake-server";
import { RULES_BEFORE } from "../../support/hba-server";
import { COMMANDS, type Operation, providerOperations } from "../../support/operations";
import { tryAll } from "../../support/outcomes";
import { WRONG_ANSWERS, WRONG_FINAL, WRONG_FIRST, WRONG_ROWS } from "../../support/wrong-answers";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres(
    { log_statement: "none", max_connections: "500" },
    { "pg_hba.conf": RULES_BEFORE },
  );
  // What a query may take is minutes; here a second of it is as long as three hundred.
  const wait = globalThis.setTimeout;
  const hurried = (act: () => void, ms = 0, ...rest: []) => wait(act, ms >= 60_000 ? ms / 300 : ms, ...rest);
  vi.stubGlobal("setTimeout", Object.assign(hurried, wait));
  vi.spyOn(console, "error").mockImplementation(() => {});
  return () => server.stop();
});

const OPERATIONS = Object.entries({ ...COMMANDS, ...providerOperations(() => server.url) });

/** One of each kind. */
const AT_LOGIN: readonly (readonly [Moment, string])[] = [
  ["SSLRequest", "the banner of an SSH server"],
  ["SSLRequest", "the banner of a mail server"],
  ["SSLRequest", "HTTP, and closes"],
  ["SSLRequest", "hangs"],
  ["StartupMessage", "hangs"],
  ["StartupMessage", "MySQL's greeting"],
  ["StartupMessage", "R of 0 bytes"],
  ["StartupMessage", "R of 2147483647 bytes"],
  ["StartupMessage", "half a message, and hangs"],
  ["StartupMessage", "a request for authentication of code 0"],
  ["StartupMessage", "a request for authentication of code 3"],
  ["StartupMessage", "a request for authentication of code 99"],
  ["StartupMessage", "a NOTICE, and GSSAPI"],
  ["StartupMessage", "a ReadyForQuery too early"],
  ["StartupMessage", "an error with the name of a method for a code"],
  ["SASLInitialResponse", "a request for authentication of code 0"],
  ["SASLInitialResponse", "a request for authentication of code 12"],
  ["SASLInitialResponse", "a server-first-message with one iteration"],
  ["SASLResponse", "a server-final-message with another signature"],
  ["SASLResponse", "the login's success without the server's proof"],
  ["SASLResponse", "hangs"],
];

const LATER = { ...WRONG_ANSWERS, ...WRONG_ROWS };

/** The same, once it has let us in. */
const AT_QUERIES = [
  "closes",
  "hangs",
  "rows without a description",
  "rows of a field longer than the row",
  '"G" with sixteen zeros in it',
  "a request for authentication of code 99",
];

const ALL_OF_A_LOGIN = { ...WRONG_ANSWERS, ...WRONG_FIRST, ...WRONG_FINAL };

describe.each(OPERATIONS)("%s: a sentence, whatever a server answers", (name, operation) => {
  it("to the login", async () => {
    const attempts = AT_LOGIN.map(([at, wrong]) => ({
      name: `${wrong}, to ${at}`,
      operation,
      server: {
        answer: (now: Situation) => (now.at === at ? ALL_OF_A_LOGIN[wrong]?.(now.right) : undefined),
      },
    }));
    console.log(`${name}, at login: ${attempts.length} answers`, await tryAll(attempts));
  });

  it.skipIf(name === "probe")("to each of its queries", async () => {
    // A server has one file of rules, and one of settings.
    const isAlone = /create of (HBA|settings)/.test(name);
    const attempts = (await queriesOf(operation)).flatMap((number) =>
      (isAlone ? AT_QUERIES.slice(-2) : AT_QUERIES).map((wrong) => ({
        name: `${wrong}, to query ${number}`,
        operation,
        server: {
          backend: server.url,
          answer: (now: Situation) =>
            now.at === "Query" && now.number >= number ? LATER[wrong]?.(now.right) : undefined,
        },
      })),
    );
    const counts = await tryAll(attempts, isAlone ? { atATime: 1 } : {});
    console.log(`${name}, later: ${attempts.length} answers`, counts);
  });
});

/** Their numbers, when nothing is wrong. */
async function queriesOf(operation: Operation): Promise<number[]> {
  const right = await FakeServer.start({ backend: server.url });
  expect(await operation(right.url())).toBeUndefined();
  return Array.from({ length: right.queries }, (_query, i) => i + 1);
}

it.each(OPERATIONS.filter(([name]) => ["users", "create of a user"].includes(name)))(
  "%s: a sentence, whatever a server answers to one of its queries",
  async (name, operation) => {
    const attempts = Object.entries(LATER).map(([wrong, answer]) => ({
      name: wrong,
      operation,
      server: {
        backend: server.url,
        answer: (now: Situation) => (now.at === "Query" && now.number >= 4 ? answer(now.right) : undefined),
      },
    }));
    console.log(`${name}, query 4: ${attempts.length} answers`, await tryAll(attempts));
  },
);
