import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { hbaProvider } from "../../../src/provider/hba/hba";
import type { Props } from "../../../src/provider/protocol/wire";
import { type PostgresServer, startPostgres } from "../../../tools/postgres/server.mts";
import { check, configured, deploy, inputsOf, isWrapped, unwrap } from "../../support/engine-side";
import { RULES_BEFORE } from "../../support/hba-server";

let server: PostgresServer;
let provider: ReturnType<typeof hbaProvider>;
const file = () => readFileSync(join(dirname(server.logFile), "data", "pg_hba.conf"), "utf8");

beforeAll(async () => {
  server = await startPostgres({}, { "pg_hba.conf": RULES_BEFORE });
  provider = configured(hbaProvider(), server.url);
  await sql("CREATE ROLE app LOGIN PASSWORD 'pw'");
  await sql(`CREATE ROLE legacy LOGIN PASSWORD 'md5${"0".repeat(32)}'`);
  await sql("CREATE ROLE nobody LOGIN");
});
afterAll(() => server.stop());

async function sql<Row extends pg.QueryResultRow>(text: string, url = server.url): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Which rules the server goes by, in its own words. */
async function inForce(): Promise<string[]> {
  const rows = await sql<{ rule: string }>(
    `SELECT concat_ws(' ', type, array_to_string(database, ','), array_to_string(user_name, ','), address, auth_method) AS rule
     FROM pg_hba_file_rules ORDER BY line_number`,
  );
  return rows.map(({ rule }) => rule);
}

const loginAs = (user: string) =>
  sql("SELECT 1", `postgresql://${user}:pw@127.0.0.1:${server.port}/postgres`);
const ALL = { type: "host", user: "all", address: "all", method: "scram-sha-256" };
const args = (...rules: object[]) =>
  ({ product: "postgresql", rules, allowLockout: ["legacy"] }) as unknown as Props;

describe("HbaConfig on PostgreSQL", () => {
  it("writes the rules, changes them, finds what was changed by hand, and puts back what was there", async () => {
    const original = file();

    let state = await deploy(provider, args(ALL));
    expect(file()).toBe("host all all all scram-sha-256\n");
    expect(await inForce()).toEqual(["host all all all scram-sha-256"]);
    expect(state.rules).toEqual(lines("host all all all scram-sha-256", ""));
    await loginAs("app");

    // Deployed again: the same inputs, so nothing is called; called all the same, nothing is written.
    const same = await check(provider, state, args(ALL));
    const { previous, cluster, ...inputs } = state;
    expect(same).toEqual(inputs);
    await provider.update("hba", state, same);

    const changed = await check(provider, state, args({ ...ALL, user: "nobody", method: "reject" }, ALL));
    state = unwrap((await provider.update("hba", state, changed)).outs);
    expect(await inForce()).toEqual(["host all nobody all reject", "host all all all scram-sha-256"]);
    expect(state.previous).toBe(previous);

    await sql(
      "COPY (SELECT 'host all all all trust') TO '" +
        join(dirname(server.logFile), "data", "pg_hba.conf") +
        "'",
    );
    const found = unwrap((await provider.read("hba", state)).inputs);
    expect(Object.values(found.rules ?? {})).toEqual(["host all all all trust", ""]);
    expect(Object.values((await check(provider, found, args(ALL))).rules ?? {})).toEqual([
      "host all all all scram-sha-256",
      "",
    ]);

    // Somebody else's rules are not put away unseen; a refresh is to look at them.
    await expect(provider.delete("hba", state)).rejects.toThrow(
      /^the HBA rules of 127.0.0.1:\d+ have been changed since they were recorded last, .*`pulumi refresh`/,
    );
    expect(await inForce()).toEqual(["host all all all trust"]);
    const refreshed = unwrap((await provider.read("hba", state)).props);
    await provider.delete("hba", refreshed);
    expect(file()).toBe(original);
    // Run again after a crash, it finds all done.
    await provider.delete("hba", refreshed);
    expect(file()).toBe(original);
  });

  it("takes a text to the byte, comments and order kept", async () => {
    const text =
      "# ours\nhost\tall  postgres 127.0.0.1/32 scram-sha-256 # admin\n\nhost all all all scram-sha-256";

    const state = await deploy(provider, { product: "postgresql", text, allowLockout: ["legacy"] });

    expect(file()).toBe(text);
    await provider.delete("hba", state);
  });

  it.each<[string, Props, RegExp]>([
    [
      "a mistake in the text",
      { text: "host all all all scram-sha-256\nhost all all 10.0.0.0/99 scram-sha-256" },
      /line 2 of the HBA rules: invalid CIDR mask in address "10.0.0.0\/99"/,
    ],
    [
      "a method that the server does not have",
      { text: "host all all all scram" },
      /line 1 of the HBA rules: invalid authentication method "scram"/,
    ],
    ["no rules", { text: "# nothing\n" }, /no entries/],
    ["both forms", { text: "x", rules: [] }, /either as rules or as text/],
    [
      "a guard that is none",
      { text: "local all all trust", guard: "maybe" },
      /guard must be one of on, strict, warn, off/,
    ],
    ["reset", { text: "local all all trust", onDelete: "reset" }, /onDelete cannot be reset on PostgreSQL/],
  ])("refuses in preview %s", async (_case, rest, message) => {
    await expect(check(provider, {}, { product: "postgresql", ...rest })).rejects.toThrow(message);
  });

  it("a rule that only the server can judge leaves file and running rules untouched, and names the line", async () => {
    const before = { file: file(), inForce: await inForce() };

    // Nothing in the text is wrong, and the server's own view shows no error: it just does not load the file.
    const refused = deploy(provider, {
      product: "postgresql",
      text: "host all all all scram-sha-256\nhost all app all radius radiusservers=nowhere.invalid radiussecrets=s",
    });

    await expect(refused).rejects.toThrow(
      /the server refuses the HBA rules: line 2: the server cannot load it; its log says why/,
    );
    expect({ file: file(), inForce: await inForce() }).toEqual(before);
  });

  it("puts back what was there, although we would refuse it and it is not even UTF-8", async () => {
    const path = join(dirname(server.logFile), "data", "pg_hba.conf");
    const odd = Buffer.from("host all all all scram-sha-256\nhostssl all all all cert # \xe4\n", "latin1");
    const original = readFileSync(path);
    writeFileSync(path, odd);
    await sql("SELECT pg_reload_conf()");

    const state = await deploy(provider, args(ALL));
    await provider.delete("hba", state);

    expect(readFileSync(path)).toEqual(odd);
    writeFileSync(path, original);
    await sql("SELECT pg_reload_conf()");
  });

  it("says when the rules were there already, for then destroy has nothing else to put back", async () => {
    const state = await deploy(provider, args(ALL));
    const warned = vi.spyOn(console, "error").mockImplementation(() => {});
    const again = await deploy(provider, args(ALL));
    const lines = warned.mock.calls.join("\n");
    warned.mockRestore();

    expect(lines).toContain("these HBA rules were on the server already");
    await provider.delete("hba", again);
    expect(file()).toBe("host all all all scram-sha-256\n");
    await provider.delete("hba", state);
  });

  it("leaves the rules where that is wanted, and another server's always", async () => {
    const state = await deploy(provider, { ...args({ ...ALL, comment: "ours" }), onDelete: "retain" });
    const ours = file();
    await provider.delete("hba", state);
    await provider.delete("hba", { ...state, onDelete: "restore", cluster: "another" });
    await provider.delete("hba", { ...state, onDelete: "restore", product: "cockroachdb", previous: null });
    expect(file()).toBe(ours);
    await provider.delete("hba", { ...state, onDelete: "restore" });
  });

  it("marks rules as secret when somebody put a password into one by hand", async () => {
    const state = await deploy(provider, args(ALL));
    const ldap =
      "host all ldapper all ldap ldapserver=l ldapbasedn=dc=x ldapbinddn=cn=x ldapbindpasswd=Canary";
    await sql(
      `COPY (VALUES ('host all all all scram-sha-256'), ('${ldap}')) TO '${join(dirname(server.logFile), "data", "pg_hba.conf")}'`,
    );

    const { inputs, props } = await provider.read("hba", state);

    for (const answer of [inputs, props]) {
      expect(isWrapped(answer.rules)).toBe(true);
      expect(JSON.stringify({ ...answer, rules: "" })).not.toContain("Canary");
    }
    await provider.delete("hba", unwrap(props));
  });

  it("rules for the other product are refused", async () => {
    const refused = deploy(provider, { product: "cockroachdb", text: "host all all all cert-password" });
    await expect(refused).rejects.toThrow(
      /the HBA rules are for cockroachdb, but the server at 127.0.0.1:\d+ is postgresql/,
    );
  });

  it("an administrator without superuser is refused", async () => {
    await sql("CREATE ROLE limited LOGIN CREATEROLE PASSWORD 'pw'");
    const limited = configured(hbaProvider(), `postgresql://limited:pw@127.0.0.1:${server.port}/postgres`);
    await expect(deploy(limited, args(ALL))).rejects.toThrow(/could not read the HBA rules .*\[42501\]$/);
  });
});

describe("the lockout guard", () => {
  it("refuses rules that would lock out this session, and names the rule", async () => {
    const before = file();

    await expect(deploy(provider, args({ ...ALL, user: "postgres", method: "reject" }, ALL))).rejects.toThrow(
      /would lock out "postgres" \(as it is connected now, from 127.0.0.1, without TLS: Line 1 .*\); change the rules, or name/,
    );
    expect(file()).toBe(before);
  });

  it("refuses rules that a user's stored hash cannot satisfy, unless that is allowed", async () => {
    await sql("CREATE ROLE old LOGIN PASSWORD NULL");
    await sql(`ALTER ROLE old PASSWORD 'md5${"1".repeat(32)}'`);
    const state = await deploy(provider, { product: "postgresql", text: "host all all all md5" });

    const strict = { ...args(ALL), allowLockout: ["legacy"] } as unknown as Props;
    const wanted = await check(provider, state, strict);
    await expect(provider.update("hba", state, wanted)).rejects.toThrow(
      /would lock out "old" \(from elsewhere: Line 1 /,
    );
    expect(file()).toBe("host all all all md5");

    const allowed = await check(provider, state, { ...strict, allowLockout: ["legacy", "old"] });
    const { outs } = await provider.update("hba", state, allowed);
    expect(file()).toBe("host all all all scram-sha-256\n");
    await provider.delete("hba", unwrap(outs));
  });

  it("tells in the preview who gains and who loses what, and that it could not ask", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const lines = () => said.mock.calls.flat().map(String);
    await sql("CREATE ROLE teller LOGIN PASSWORD 'pw'");
    const first = "host shop,stock teller 10.0.0.0/8 scram-sha-256\nhost all postgres all scram-sha-256";
    const state = await deploy(provider, { product: "postgresql", text: first, guard: "warn" });
    said.mockClear();
    const text = "host shop teller 10.0.0.0/8,2001:db8::/32 scram-sha-256".replace(",2001:db8::/32", "");
    const next = `${text}\nhost shop teller 2001:db8::/32 scram-sha-256\nhost all postgres all scram-sha-256`;

    await check(provider, inputsOf(state), { product: "postgresql", text: next, guard: "warn" });

    expect(lines()).toEqual([
      expect.stringMatching(
        /^warning: the new HBA rules would lock out "teller" \(to database "stock": no rule/,
      ),
      'warning: with the new HBA rules "teller" loses database stock from 10.0.0.0/8 (line 1)',
      'warning: with the new HBA rules "teller" gains database shop from 2001:db8::/32 (line 2)',
    ]);
    said.mockClear();
    await check(provider, inputsOf(state), { product: "postgresql", text: first, guard: "warn" });
    expect(lines()).toEqual([]);
    const nowhere = configured(hbaProvider(), "postgresql://postgres@127.0.0.1:1/postgres");
    await check(nowhere, {}, { product: "postgresql", text: next, guard: "off" });
    expect(lines()).toEqual([]);
    await check(nowhere, {}, { product: "postgresql", text: next });
    expect(lines()).toEqual([
      expect.stringMatching(
        /what the new HBA rules do to users could not be found out: .*nothing listens there/,
      ),
    ]);
    said.mockRestore();
    await provider.delete("hba", state);
  });

  it("strict: a part of a way in is refused too, and told where it is not strict", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const wide = "host all teller 10.0.0.0/8 scram-sha-256\nhost all postgres all scram-sha-256";
    const narrow = wide.replace("/8", "/9");
    const state = await deploy(provider, { product: "postgresql", text: wide, guard: "warn" });
    const deployed = async (guard: string, allowLockout: string[] = [], text = narrow) => {
      const args = { product: "postgresql", text, guard, allowLockout };
      return provider.update("hba", state, await check(provider, inputsOf(state), args));
    };

    await expect(deployed("strict")).rejects.toThrow(
      /^with the new HBA rules "teller" loses every database from 10.128.0.0\/9 \(line 1\); change the rules, set guard: "on", or/,
    );
    expect(file()).toContain("10.0.0.0/8");
    await deployed("on");
    expect(file()).toContain("10.0.0.0/9");
    expect(said).toHaveBeenCalledWith(
      'warning: with the new HBA rules "teller" loses every database from 10.128.0.0/9 (line 1)',
    );
    const { outs } = await deployed("strict", ["teller"], wide.replace("/8", "/10"));
    expect(file()).toContain("10.0.0.0/10");
    said.mockRestore();
    await provider.delete("hba", unwrap(outs));
    await sql("DROP ROLE teller");
  });

  it("lets this session go where that is allowed", async () => {
    const before = file();
    const rules = {
      ...args(ALL, { ...ALL }),
      rules: [{ ...ALL, user: "postgres", method: "reject" }, ALL],
      allowLockout: ["legacy", "postgres"],
    };
    const state = await deploy(provider, rules as unknown as Props);
    await expect(sql("SELECT 1")).rejects.toThrow("pg_hba.conf rejects");

    // The connections that are still open put it back.
    await provider.delete("hba", state);
    expect(file()).toBe(before);
  });

  it("off: rules that shut even us out are tried, found wanting by a new connection, and taken back", async () => {
    const before = file();
    const refused = deploy(provider, { ...args({ ...ALL, method: "reject" }), guard: "off" });
    await expect(refused).rejects.toThrow(
      /^the new HBA rules do not let the administrator in any more \(127.0.0.1:\d+ does not let the administrator "postgres" in: .* \[28000\]\); the rules from before are back in force; correct the rules, or, to shut it out, name it in allowLockout and set guard: "off"$/,
    );
    expect(file()).toBe(before);
    await loginAs("app");
  });

  it("on: rules of which nobody can tell before whether they let us in are tried and taken back alike", async () => {
    const before = file();
    const ident = [{ ...ALL, user: "postgres", method: "ident" }, ALL];
    await expect(deploy(provider, args(...ident))).rejects.toThrow(
      /do not let the administrator in any more \(.*Ident authentication failed.*back in force/,
    );
    expect(file()).toBe(before);

    // The way on that the message names.
    const state = await deploy(provider, {
      ...args(...ident),
      guard: "off",
      allowLockout: ["legacy", "postgres"],
    });
    await expect(sql("SELECT 1")).rejects.toThrow("Ident authentication failed");
    await provider.delete("hba", state);
    expect(file()).toBe(before);
  });
});

function lines(...texts: string[]): object {
  return Object.fromEntries(texts.map((line, i) => [String(10 * (i + 1)).padStart(6, "0"), line]));
}
