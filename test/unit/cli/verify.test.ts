import { expect, it } from "vitest";
import { deriveVerifier, formatVerifier } from "../../../src/scram";
import { cli } from "../../support/cli";
import { PASSWORDS } from "../../support/passwords";

const verifierOf = async (password: string) =>
  formatVerifier(await deriveVerifier(password, { salt: Buffer.alloc(16, 7), iterations: 4096 }));

it.each(PASSWORDS)("%s matches its verifier, another does not", async (_label, password) => {
  const verifier = await verifierOf(password);
  expect(await cli(["verify", verifier], { input: `${password}\n` })).toEqual({
    status: 0,
    out: "the password matches the verifier\n",
    err: "",
  });
  expect(await cli(["verify", verifier], { input: `${password}x` })).toEqual({
    status: 1,
    out: "the password does not match the verifier\n",
    err: "",
  });
});

it("asks who sits there, once", async () => {
  const { status, err } = await cli(["verify", await verifierOf("pw")], { typed: ["pw"] });
  expect([status, err]).toEqual([0, "Password: \n"]);
});

it.each([
  ["no verifier", "hunter2", /does not begin with SCRAM-SHA-256/],
  ["one cut short by a shell", "SCRAM-SHA-256:salt=", /does not begin with SCRAM-SHA-256\$/],
  ["md5", "md50123456789abcdef0123456789abcdef", /a hash of md5, not a SCRAM-SHA-256 verifier/],
  [
    "bcrypt",
    "CRDB-BCRYPT$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
    /a hash of bcrypt, not/,
  ],
])("%s is bad input, which is neither yes nor no", async (_case, text, sentence) => {
  const { status, out, err } = await cli(["verify", text], { input: "pw" });
  expect([status, out]).toEqual([2, ""]);
  expect(err).toMatch(sentence);
  expect(err).not.toContain(text);
});

it("an empty password is one like any other here", async () => {
  expect((await cli(["verify", await verifierOf("pw")], { input: "" })).status).toBe(1);
});
