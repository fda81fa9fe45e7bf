import { describe, it } from "vitest";
import { resolveTarget } from "../../../src/database/connection/parameters/target";
import { Session } from "../../../src/database/session/session";
import { createAuthority } from "../../support/certificates";
import type { FakeServerOptions, Moment } from "../../support/fake-server";
import { COMMANDS, type Operation } from "../../support/operations";
import { tryAll } from "../../support/outcomes";
import { WRONG_ANSWERS, WRONG_FINAL, WRONG_FIRST, type WrongAnswers } from "../../support/wrong-answers";

const tls = createAuthority().issueServer("127.0.0.1");

const login: Operation = async (url) => {
  await new Session(resolveTarget(url)).product();
  return undefined;
};

/** The server answers one moment of a login with each wrong thing. */
const wrongAt = (at: Moment, answers: WrongAnswers, operation: Operation, options: FakeServerOptions = {}) =>
  Object.entries(answers).map(([name, answer]) => ({
    name,
    operation,
    server: {
      ...options,
      answer: (now) => (now.at === at ? answer(now.right) : undefined),
    } satisfies FakeServerOptions,
  }));

type Row = readonly [
  name: string,
  at: Moment,
  answers: WrongAnswers,
  options: FakeServerOptions,
  parameters: string,
];

const ROWS: readonly Row[] = [
  ["to SSLRequest", "SSLRequest", WRONG_ANSWERS, {}, ""],
  ["to ClientHello", "ClientHello", WRONG_ANSWERS, { tls }, ""],
  ["to ClientHello, where TLS is a must", "ClientHello", WRONG_ANSWERS, { tls }, "&sslmode=require"],
  ["to StartupMessage", "StartupMessage", WRONG_ANSWERS, {}, ""],
  ["to StartupMessage, over TLS", "StartupMessage", WRONG_ANSWERS, { tls }, ""],
  ["to SASLInitialResponse", "SASLInitialResponse", { ...WRONG_ANSWERS, ...WRONG_FIRST }, {}, ""],
  ["to SASLResponse", "SASLResponse", { ...WRONG_ANSWERS, ...WRONG_FINAL }, {}, ""],
  ["to SASLResponse, over TLS", "SASLResponse", { ...WRONG_ANSWERS, ...WRONG_FINAL }, { tls }, ""],
  ["to PasswordMessage", "PasswordMessage", WRONG_ANSWERS, { asks: "md5" }, "&require_auth=md5"],
];

describe("a session gets a sentence, and gives no password, whatever a server answers", () => {
  it.each(ROWS)("%s", async (name, at, answers, options, parameters) => {
    const attempts = wrongAt(at, answers, login, options);
    const counts = await tryAll(attempts, { parameters });
    console.log(`${name}: ${attempts.length} answers`, counts);
  });
});

describe("so does pulumi-scram probe", () => {
  it.each(ROWS.filter(([, at]) => at !== "SASLResponse" && at !== "PasswordMessage"))(
    "%s",
    async (name, at, answers, options, parameters) => {
      const attempts = wrongAt(at, answers, COMMANDS.probe, options);
      const counts = await tryAll(attempts, { parameters });
      console.log(`${name}: ${attempts.length} answers`, counts);
    },
  );
});
