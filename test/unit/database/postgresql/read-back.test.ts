import type pg from "pg";
import { expect, it } from "vitest";
import { postgresql } from "../../../../src/database/postgresql/roles";
import type { Session } from "../../../../src/database/session/session";

/** A server that stores something else than it is sent, as an extension that re-hashes passwords would. */
function sessionThatStores(hash: string, hashReadable = true): { session: Session; sent: string[] } {
  const sent: string[] = [];
  const client = {
    query: async (text: string) => {
      sent.push(text);
      if (text.includes("rolcanlogin")) {
        return { rows: [{ name: "app", oid: "1", hashReadable }] };
      }
      return { rows: text.includes("rolpassword") ? [{ name: "app", hash }] : [] };
    },
  } as unknown as pg.ClientBase;
  const session = {
    cluster: async () => "c",
    transaction: (_action: string, work: (client: pg.ClientBase) => Promise<unknown>) => work(client),
  } as unknown as Session;
  return { session, sent };
}

const role = { options: { login: true }, verifier: "SCRAM-SHA-256$4096:c2FsdA==$a:b" };

it("a verifier that the server stored as something else is an error, inside the transaction", async () => {
  const { session } = sessionThatStores("SCRAM-SHA-256$4096:b3RoZXI=$c:d");
  const refused = { message: expect.stringContaining("did not store the verifier") };
  await expect(postgresql(session).createRole("app", role)).rejects.toMatchObject(refused);
  await expect(postgresql(session).alterRole("app", { verifier: role.verifier })).rejects.toMatchObject(
    refused,
  );
});

it("where the hash cannot be read, what was sent has to do", async () => {
  const { session } = sessionThatStores("unread", false);
  await expect(postgresql(session).createRole("app", role)).resolves.toEqual({
    product: "postgresql",
    cluster: "c",
    oid: "1",
  });
});

it("the log is hushed before the password is sent, and the password goes alone", async () => {
  const { session, sent } = sessionThatStores(role.verifier);
  await postgresql(session).createRole("app", role);
  const password = sent.findIndex((text) => text.includes("PASSWORD '"));
  expect(sent[password]).toBe(`ALTER ROLE "app" PASSWORD '${role.verifier}'`);
  expect(sent[password - 1]).toMatch(
    /log_statement.*log_min_error_statement.*log_min_duration_statement.*track_utility/s,
  );
});
