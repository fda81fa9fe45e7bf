import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { openDatabase } from "../../../src/database/open";
import { forEachTarget, type Target } from "../../support/targets";
import { wireTo } from "../../support/wire";
import { statementsOf } from "../../support/wire-transactions";

const VERIFIER =
  "SCRAM-SHA-256$4096:pAlYy62NTdETKb291V/Wow==$OXMAj9oD53QucEYVMBcdhRnjg2/S/iZY/88ShZnputA=:r8l4c1pk9bmDi+8an059l/nt9Bg1zb1ikkg+DeRv4UQ=";

/**
 * What a server takes in no transaction, or what looks at other sessions, which a transaction sees as they were: nothing in it is
 * looked up by name.
 */
const ALONE: Readonly<Record<Target["product"], RegExp>> = {
  postgresql:
    /^(ALTER SYSTEM (SET "password_encryption" = 'md5'|RESET "password_encryption")|SELECT (pid|pg_catalog\.\w+\([^=<>]*)\sFROM [^=<>]*( OPERATOR\(pg_catalog\.=\) \$1)?|SELECT pg_catalog\.\w+\([^=<>]*\))$/s,
  cockroachdb:
    /^((SET|RESET) CLUSTER SETTING server\.\S+( = (2|\$1))?|(REASSIGN|DROP) OWNED BY "\w+"( TO "\w+")?)$/s,
};

const SETTING: Readonly<Record<Target["product"], readonly [name: string, value: string]>> = {
  postgresql: ["password_encryption", "md5"],
  cockroachdb: ["server.user_login.min_password_length", "2"],
};

const RULES = "host all all all scram-sha-256\n";

forEachTarget((target) => {
  it("every statement stands in a transaction with settings of its own, which end with it, or alone", async () => {
    const wire = await wireTo(target.url);
    const database = await openDatabase(wire.url);
    const { product } = target;
    const [app, newOwner] = ["app", "new_owner"].map((stem) => `${stem}_${randomUUID().slice(0, 8)}`) as [
      string,
      string,
    ];
    const [setting, value] = SETTING[product];

    for (const name of [newOwner, app])
      await database.createRole(name, { options: { login: true }, verifier: VERIFIER });
    await database.alterRole(app, {
      options: { createDb: true },
      set: { statement_timeout: "5s" },
      verifier: VERIFIER,
    });
    await database.findRole(app);
    await database.dropRole(app, newOwner);
    const { snapshot } = await database.hba.read();
    await database.hba.write(RULES, { over: snapshot, mayLoseOwnLogin: false, isSecret: false });
    await database.hba.restore(snapshot, (await database.hba.read()).snapshot);
    await database.hba.settle();
    await database.hba.facts();
    for (const to of [value, undefined]) await database.settings.write(setting, to);

    const { inside, outside } = await statementsOf(wire);
    expect(outside.filter((text) => !ALONE[product].test(text))).toEqual([]);
    expect(outside.length).toBeGreaterThanOrEqual(2);
    expect(inside.length).toBeGreaterThan(20);
    expect(inside.filter((text) => /^(SET|RESET|DISCARD) (?!LOCAL)/.test(text))).toEqual([]);
  });
});
