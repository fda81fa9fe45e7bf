import { describe, expect, it } from "vitest";
import { failureOf } from "../../../../src/database/postgresql/hba/failure";
import type { Written } from "../../../../src/database/postgresql/hba/write";
import { UserError } from "../../../../src/errors";

const ATTEMPT = { action: "write the HBA rules", server: "db:5432", isSecret: false };
const written = (outcome: Partial<Written>): Written => ({
  result: "failed",
  inPlace: false,
  kept: "/data/pg_hba.conf.pulumi-scram-before",
  ...outcome,
});
const refused = [{ line: 2, error: 'invalid option "secret"' }, { line: 4 }];
const reason = new UserError("28000", "db:5432 does not let postgres in", { hint: "check its rules" });

describe("what became of rules that were to be written, in one sentence", () => {
  it.each<[string, Partial<Written>, object, string | undefined]>([
    ["written", { result: "written" }, {}, undefined],
    [
      "refused by the server",
      { result: "refused", refused, left: "before" },
      {},
      'the server refuses the HBA rules: line 2: invalid option "secret"; line 4: the server cannot load it; its log says why; the file is as it was before',
    ],
    [
      "refused, and the words may quote a password",
      { result: "refused", refused, left: "before" },
      { isSecret: true },
      "the server refuses the HBA rules: line 2: (not shown, because the rules hold a password); line 4: the server cannot load it; its log says why; the file is as it was before",
    ],
    [
      "not proved, for a login was refused",
      { result: "unproved", left: "before", reason },
      {},
      'the new HBA rules do not let the administrator in any more (db:5432 does not let postgres in [28000]); the rules from before are back in force; correct the rules, or, to shut it out, name it in allowLockout and set guard: "off"',
    ],
    [
      "not proved, for no login was seen",
      { result: "unproved", left: "other" },
      {},
      'the new HBA rules do not let the administrator in any more (the server has seen no new login; one that a connection pooler has kept does not count); somebody else has written others meanwhile, which are left alone; correct the rules, or, to shut it out, name it in allowLockout and set guard: "off"',
    ],
    [
      "failed, and could not be taken back",
      { problem: "No space left on device", left: "stuck" },
      {},
      "could not write the HBA rules on db:5432: No space left on device; the rules from before could not be put back: they are in the server's file /data/pg_hba.conf.pulumi-scram-before (docs/reference/command.md, hba restore)",
    ],
  ])("%s", (_case, outcome, attempt, sentence) => {
    expect(failureOf(written(outcome), { ...ATTEMPT, ...attempt })?.message).toBe(sentence);
  });
});
