import { describe, expect, it } from "vitest";
import { useStandIn } from "../../cockroachdb-stand-in/testing";

const NAME_HINT =
  "Usernames are case insensitive, must start with a letter, digit or underscore, may contain letters, digits, dashes, periods, or underscores, and must not exceed 63 characters.";

/** Facts 3.1 to 3.4; `taken` exists, `missing` does not. */
const REFUSED: readonly (readonly [sql: string, code: string, message: string, hint?: string])[] = [
  ["CREATE USER taken", "42710", "a role/user named taken already exists"],
  ['CREATE ROLE "TAKEN"', "42710", "a role/user named taken already exists"],
  ["CREATE USER root", "42710", "a role/user named root already exists"],
  ["CREATE ROLE admin", "42710", "a role/user named admin already exists"],
  ["ALTER USER missing NOLOGIN", "42704", 'role/user "missing" does not exist'],
  ["DROP USER missing", "42704", 'role/user "missing" does not exist'],
  ["DROP USER taken, missing", "42704", 'role/user "missing" does not exist'],
  ['CREATE USER ""', "42602", "username is empty", NAME_HINT],
  ['CREATE USER "a b"', "42602", '"a b": username is invalid', NAME_HINT],
  ['CREATE USER "-a"', "42602", '"-a": username is invalid', NAME_HINT],
  ['CREATE USER "用户"', "42602", '"用户": username is invalid', NAME_HINT],
  [`CREATE USER ${"a".repeat(64)}`, "42622", "username is too long", NAME_HINT],
  ["CREATE USER public", "42939", 'role name "public" is reserved'],
  ["CREATE USER node", "42939", 'role name "node" is reserved'],
  ["CREATE USER pg_mine", "42939", 'role name "pg_mine" is reserved'],
  ["CREATE USER crdb_internal_mine", "42939", 'role name "crdb_internal_mine" is reserved'],
  ["CREATE USER CURRENT_USER", "42939", "CURRENT_USER cannot be used as a role name here"],
  ["DROP USER SESSION_USER", "22023", "cannot use special role specifier in DROP ROLE"],
  ["CREATE USER fresh LOGIN LOGIN", "42601", "redundant role options"],
  ["CREATE USER fresh PASSWORD 'a' PASSWORD 'b'", "42601", "redundant role options"],
  ["CREATE USER fresh LOGIN NOLOGIN", "42601", "conflicting role options"],
  ["CREATE USER fresh SUPERUSER", "42601", "unrecognized role option SUPERUSER"],
  ["ALTER ROLE admin CREATEDB", "42501", "cannot edit admin role"],
  [
    "DROP ROLE admin",
    "2BP01",
    "cannot drop role/user admin: grants still exist on system.public.descriptor, system.public.users and 40 more",
  ],
  [
    "DROP USER root",
    "2BP01",
    "cannot drop role/user root: grants still exist on system.public.descriptor, system.public.users and 40 more",
  ],
  ["CREATE USER foo☂", "42602", '"foo☂": username is invalid', NAME_HINT],
  ["GRANT taken TO missing", "42704", 'role/user "missing" does not exist'],
  ["GRANT missing TO taken", "42704", 'role/user "missing" does not exist'],
  ["REVOKE missing FROM taken", "42704", 'role/user "missing" does not exist'],
  ["GRANT taken TO taken", "0LP01", "taken cannot be a member of itself"],
  ["GRANT root TO admin", "0LP01", "making admin a member of root would create a cycle"],
  [
    "REVOKE admin FROM root",
    "55006",
    "role/user root cannot be removed from role admin or lose the ADMIN OPTION",
  ],
  [
    "REVOKE ADMIN OPTION FOR admin FROM root",
    "55006",
    "role/user root cannot be removed from role admin or lose the ADMIN OPTION",
  ],
  ["CREATE USER 'fresh'", "42601", "at or near \"'fresh'\": syntax error"],
  ["CREATE USER fresh LOGIN, CREATEDB", "42601", 'at or near ",": syntax error'],
  [
    "CREATE USER fresh VALID UNTIL 'soon'",
    "22007",
    'invalid input syntax for type timestamp with time zone: "soon"',
  ],
];

describe("role statements", () => {
  const bed = useStandIn();
  const options = async (user: string) => {
    const users = await bed.rows("SHOW USERS");
    return users.find(({ username }) => username === user)?.options;
  };

  it.each(REFUSED.map(([sql, code, message, hint]) => ({ sql, code, message, hint })))(
    "$sql",
    async ({ sql, code, message, hint }) => {
      await bed.rows("CREATE USER IF NOT EXISTS taken");
      expect(await bed.refusal(sql)).toEqual({ code, message, ...(hint !== undefined && { hint }) });
      expect(await options("fresh")).toBeUndefined();
    },
  );

  it("a name is no placeholder, a password and a time are (facts 0.6)", async () => {
    expect(await bed.refusal("CREATE USER $1", ["x"])).toEqual({
      code: "42601",
      message: 'at or near "$1": syntax error',
    });
    await bed.rows("CREATE USER timed WITH PASSWORD $2 VALID UNTIL $1", ["2030-01-01 02:00:00+02", "pw"]);
    expect(await options("timed")).toBe("VALID UNTIL=2030-01-01 00:00:00+00:00");
    expect(await bed.login("timed", "pw")).toBe("in");
    await bed.rows("ALTER USER timed VALID UNTIL NULL");
    expect(await options("timed")).toBe("");
  });

  it("IF NOT EXISTS on an existing user changes nothing, yet checks the password (facts 0.5, 3.4)", async () => {
    await bed.rows("CREATE USER fixed PASSWORD 'before'");
    await bed.rows("CREATE USER IF NOT EXISTS fixed CREATEDB PASSWORD 'after'");
    expect([await bed.login("fixed", "before"), await options("fixed")]).toEqual(["in", ""]);
    expect(await bed.refusal("CREATE USER IF NOT EXISTS fixed PASSWORD ''")).toMatchObject({ code: "XXUUU" });
    await bed.rows("ALTER USER IF EXISTS missing CREATEDB");
    await bed.rows("DROP USER IF EXISTS missing");
  });

  it("names are folded, double quotes or not (facts 3.2)", async () => {
    await bed.rows('CREATE USER "Äpfel-İ.1" PASSWORD $1', ["pw"]);
    expect(await bed.login("ÄPFEL-i.1", "pw")).toBe("in");
    await bed.rows('ALTER USER "A\u0308pfel-I.1" CREATEDB');
    expect(await options("äpfel-i.1")).toBe("CREATEDB");
    await bed.rows('DROP USER "ÄPFEL-I.1"');
    // Letter by letter: a Σ at the end becomes no ς.
    await bed.rows("CREATE USER ΟΜΗΡΟΣ PASSWORD pw");
    expect(await options("ομηροσ")).toBe("");
    expect(await bed.login("ΟΜΗΡΟΣ", "pw")).toBe("in");
  });

  it("CREATE ROLE may not log in, CREATE USER may; LOGIN is the absence of NOLOGIN (facts 3.1)", async () => {
    await bed.rows("CREATE ROLE a_role PASSWORD 'pw'; CREATE USER a_user");
    expect([await options("a_role"), await options("a_user")]).toEqual(["NOLOGIN", ""]);
    expect(await bed.login("a_role", "pw")).toEqual({
      code: "28000",
      message: "a_role does not have login privilege",
    });
    await bed.rows("ALTER ROLE a_role LOGIN CREATEROLE MODIFYCLUSTERSETTING");
    expect(await options("a_role")).toBe("CREATEROLE, MODIFYCLUSTERSETTING");
    expect(await bed.login("a_role", "pw")).toBe("in");
    await bed.rows("ALTER ROLE a_role NOSQLLOGIN NOCREATEROLE");
    expect(await options("a_role")).toBe("MODIFYCLUSTERSETTING, NOSQLLOGIN");
    expect(await bed.login("a_role", "pw")).toMatchObject({ code: "28000" });
  });

  it("everybody may read pg_roles and pg_authid, with the password masked (facts 3.6)", async () => {
    await bed.rows("CREATE USER reader PASSWORD 'pw' CREATEDB VALID UNTIL '2030-01-01'");
    const read = `SELECT rolname, rolsuper, rolcreatedb, rolcanlogin, rolpassword, rolvaliduntil::text
      FROM pg_catalog.pg_roles WHERE rolname IN ('reader', 'root') ORDER BY 1`;
    await bed.withClient(
      async (client) => {
        const expected = [
          { rolname: "reader", rolsuper: false, rolcreatedb: true, rolvaliduntil: "2030-01-01 00:00:00+00" },
          { rolname: "root", rolsuper: true, rolcreatedb: true, rolvaliduntil: null },
        ].map((row) => ({ ...row, rolcanlogin: true, rolpassword: "********" }));
        expect((await client.query(read)).rows).toEqual(expected);
        expect((await client.query(read.replace("pg_catalog.pg_roles", "pg_authid AS a"))).rows).toEqual(
          expected,
        );
        await expect(client.query('SELECT "hashedPassword" FROM system.users')).rejects.toMatchObject({
          code: "42501",
        });
        await expect(client.query("SHOW USERS")).rejects.toMatchObject({ code: "42501" });
      },
      bed.urlFor("reader", "pw"),
    );
  });

  it("a role with ownership or grants is not dropped (facts 3.4)", async () => {
    await bed.rows(
      "CREATE USER owner PASSWORD 'pw'; CREATE USER grantee; CREATE TABLE t (); ALTER TABLE t OWNER TO owner",
    );
    expect(await bed.refusal("DROP USER owner")).toEqual({
      code: "2BP01",
      message: "role owner cannot be dropped because some objects depend on it\nowner of table t",
    });
    await bed.rows("GRANT SELECT ON t TO grantee");
    expect(await bed.refusal("DROP USER grantee")).toEqual({
      code: "2BP01",
      message: "cannot drop role/user grantee: grants still exist on table t",
    });
    await bed.rows("DROP TABLE t; DROP USER owner, grantee");
  });

  it("privileges are real: a session runs as its user", async () => {
    await bed.rows("CREATE USER worker PASSWORD 'pw'; CREATE TABLE secret (x int)");
    await bed.withClient(
      async (client) => {
        expect((await client.query("SELECT current_user, session_user")).rows).toEqual([
          { current_user: "worker", session_user: "worker" },
        ]);
        await expect(client.query("SELECT * FROM secret")).rejects.toMatchObject({ code: "42501" });
        await bed.rows("GRANT SELECT ON secret TO worker");
        expect((await client.query("SELECT * FROM secret")).rows).toEqual([]);
        await client.query("DISCARD ALL");
        await client.query("SET SESSION AUTHORIZATION DEFAULT");
        expect((await client.query("SELECT current_user")).rows).toEqual([{ current_user: "worker" }]);
      },
      bed.urlFor("worker", "pw"),
    );
  });
});

/** Facts 3.3: [what the user may, statement, what is missing]. */
const PRIVILEGES: readonly (readonly [grant: string, sql: string, refusal: string | undefined])[] = [
  ["", "CREATE USER made", "user probe does not have CREATEROLE privilege"],
  ["", "DROP USER IF EXISTS made", "user probe does not have CREATEROLE privilege"],
  ["", "ALTER USER probe PASSWORD 'new'", "user probe does not have CREATEROLE privilege"],
  ["CREATEROLE", "CREATE USER made", "user probe does not have CREATELOGIN privilege"],
  ["CREATEROLE", "CREATE ROLE made", undefined],
  ["CREATEROLE", "ALTER USER other NOLOGIN", "user probe does not have CREATELOGIN privilege"],
  ["CREATEROLE", "ALTER USER other NOSQLLOGIN", undefined],
  ["CREATEROLE", "GRANT other TO probe", "probe is not a superuser or role admin for role other"],
  ["CREATEROLE", "GRANT admin TO probe", "probe is not a role admin for role admin"],
  ["CREATEROLE", "CREATE USER made PASSWORD 'x'", "user probe does not have CREATELOGIN privilege"],
  ["CREATEROLE", "CREATE USER made NOLOGIN", undefined],
  ["CREATEROLE", "CREATE ROLE made PASSWORD 'x'", "user probe does not have CREATELOGIN privilege"],
  [
    "CREATEROLE",
    "CREATE USER made VALID UNTIL '2030-01-01'",
    "user probe does not have CREATELOGIN privilege",
  ],
  ["CREATEROLE CREATELOGIN", "CREATE USER made PASSWORD 'x'", undefined],
  [
    "CREATEROLE CREATELOGIN",
    "ALTER USER root PASSWORD 'x'",
    "only users with the admin role are allowed to alter another admin",
  ],
  ["CREATEROLE", "DROP USER other_admin", "must be superuser to drop superusers"],
];

describe("who may", () => {
  const bed = useStandIn();
  const as = (sql: string) =>
    bed.withClient(
      (client) =>
        client.query(sql).then(
          () => undefined,
          ({ code, message }) => ({ code, message }),
        ),
      bed.urlFor("probe", "pw"),
    );
  const make = async (options: string) => {
    await bed.rows("DROP USER IF EXISTS probe, made, other, other_admin");
    await bed.rows(
      `CREATE USER probe PASSWORD 'pw' ${options}; CREATE USER other; CREATE USER other_admin; GRANT admin TO other_admin`,
    );
  };

  it.each(PRIVILEGES)("with %j: %s", async (options, sql, message) => {
    await make(options);
    expect(await as(sql)).toEqual(message && { code: "42501", message });
  });

  it("by a system privilege, inherited from a role", async () => {
    await make("");
    await bed.rows(
      "CREATE ROLE IF NOT EXISTS makers; GRANT SYSTEM CREATEROLE, CREATELOGIN TO makers; GRANT makers TO probe",
    );
    expect(await as("CREATE USER made PASSWORD 'x'")).toBeUndefined();
  });

  it("by membership of admin", async () => {
    await make("");
    await bed.rows("GRANT admin TO probe");
    expect(await as("CREATE USER made PASSWORD 'x'")).toBeUndefined();
    expect(await as("SELECT * FROM system.users")).toBeUndefined();
  });

  it("change one's own password, where that is allowed (facts 2.4)", async () => {
    await make("");
    await bed.rows("SET CLUSTER SETTING sql.auth.change_own_password.enabled = true");
    // To have none is no change of it.
    expect(await as("ALTER USER probe PASSWORD NULL")).toMatchObject({ code: "42501" });
    expect(await as("ALTER USER CURRENT_USER PASSWORD 'new'")).toBeUndefined();
    expect(await bed.login("probe", "new")).toBe("in");
  });
});

describe("NOSQLLOGIN", () => {
  const bed = useStandIn();
  const refused = (user: string) => ({ code: "28000", message: `${user} does not have login privilege` });

  it("as a system privilege keeps out whoever inherits it, and is shown to everybody", async () => {
    await bed.rows(
      "CREATE USER direct PASSWORD 'pw'; CREATE USER inherits PASSWORD 'pw'; CREATE ROLE barred",
    );
    await bed.rows("GRANT barred TO inherits; GRANT SYSTEM NOSQLLOGIN TO barred, direct");
    expect(await bed.login("direct", "pw")).toEqual(refused("direct"));
    expect(await bed.login("inherits", "pw")).toEqual(refused("inherits"));
    expect(await bed.rows("SHOW SYSTEM GRANTS")).toEqual([
      { grantee: "barred", privilege_type: "NOSQLLOGIN", is_grantable: false },
      { grantee: "direct", privilege_type: "NOSQLLOGIN", is_grantable: false },
    ]);
    await bed.rows("REVOKE SYSTEM NOSQLLOGIN FROM direct");
    expect(await bed.login("direct", "pw")).toBe("in");
  });
});

/** Facts 3.4, 3.6, 3.1: shapes and words by version. */
describe.each(["v22.1", "v24.3", "v26.1"] as const)("%s", (version) => {
  const bed = useStandIn({ version });

  it("SHOW USERS", async () => {
    await bed.rows("CREATE ROLE shown CREATEDB");
    const rows = await bed.rows("SHOW ROLES");
    expect(rows.find(({ username }) => username === "shown")).toEqual(
      version === "v26.1"
        ? {
            username: "shown",
            options: ["CREATEDB", "NOLOGIN"],
            member_of: [],
            estimated_last_login_time: null,
          }
        : { username: "shown", options: "CREATEDB, NOLOGIN", member_of: [] },
    );
    expect(rows.find(({ username }) => username === "root")).toMatchObject({ member_of: ["admin"] });
  });

  it("system.users and system.role_options", async () => {
    await bed.withClient(async (client) => {
      await client.query("SET allow_unsafe_internals = on").catch(() => {});
      await client.query("CREATE ROLE kept VALID UNTIL '2030-01-01'");
      const columns = async (table: string) =>
        (await client.query(`SELECT * FROM ${table} LIMIT 1`)).fields.map((f) => f.name);
      const id = version === "v22.1" ? [] : ["user_id"];
      const last = version === "v26.1" ? ["estimated_last_login_time"] : [];
      expect(await columns("system.users")).toEqual(["username", "hashedPassword", "isRole", ...id, ...last]);
      expect(await columns("system.role_options")).toEqual(["username", "option", "value", ...id]);
      const { rows } = await client.query(
        "SELECT option, value FROM system.role_options WHERE username = 'kept' ORDER BY 1",
      );
      expect(rows).toEqual([
        { option: "NOLOGIN", value: null },
        { option: "VALID UNTIL", value: "2030-01-01 00:00:00+00:00" },
      ]);
    });
  });

  it("a missing role", async () => {
    expect(await bed.refusal("DROP USER missing")).toEqual(
      version === "v22.1"
        ? { code: "XXUUU", message: "role/user missing does not exist" }
        : { code: "42704", message: 'role/user "missing" does not exist' },
    );
  });

  it.each([
    ["REPLICATION", ["v24.3", "v26.1"]],
    ["SUBJECT 'CN=x'", ["v24.3", "v26.1"]],
    ["BYPASSRLS", ["v26.1"]],
  ])("the option %s", async (option, versions) => {
    const refusal = await bed.refusal(`CREATE USER with_option ${option}; DROP USER with_option`);
    expect(refusal?.code).toBe(versions.includes(version) ? undefined : "42601");
  });
});
