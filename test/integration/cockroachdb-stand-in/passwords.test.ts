import { describe, expect, it } from "vitest";
import { classifyStoredHash } from "../../../src/scram/stored-hash";
import { useStandIn } from "../../cockroachdb-stand-in/testing";

const VERIFIER =
  "SCRAM-SHA-256$4096:pAlYy62NTdETKb291V/Wow==$OXMAj9oD53QucEYVMBcdhRnjg2/S/iZY/88ShZnputA=:r8l4c1pk9bmDi+8an059l/nt9Bg1zb1ikkg+DeRv4UQ=";
const BCRYPT = "$2a$10$jeDfxx9fI7dDp3p0I3BTGOX2uKjnErlmgf74U0bp9KusDpAVypc1.";
const iterations = (count: string) => VERIFIER.replace("4096", count);

/** Facts 2.2: stored as sent, or in CRDB-BCRYPT's case without the marker. */
const VERBATIM: readonly (readonly [text: string, stored: string])[] = [
  [VERIFIER, VERIFIER],
  [iterations("240000000000"), iterations("240000000000")],
  // Neither salt nor keys are decoded.
  [
    VERIFIER.replace("pAlYy62NTdETKb291V/Wow==", "AAA="),
    VERIFIER.replace("pAlYy62NTdETKb291V/Wow==", "AAA="),
  ],
  [`CRDB-BCRYPT${BCRYPT}`, BCRYPT],
];

/** Facts 2.2: no verifiers, whatever they look like; hashed as passwords, without a word. */
const CLEARTEXT = [
  VERIFIER.toLowerCase(),
  `${VERIFIER}\n`,
  ` ${VERIFIER}`,
  VERIFIER.replace("SHA-256", "SHA-512"),
  VERIFIER.replace("SHA-256", "SHA-1"),
  VERIFIER.replace("/S/iZY", "_S_iZY"),
  VERIFIER.slice(0, -5),
  BCRYPT,
  "md5ABCDEF0123456789abcdef0123456789",
];

/** Facts 2.2, 2.3. */
const REFUSED: readonly (readonly [text: string, code: string, message: string, hint?: string])[] = [
  ["", "XXUUU", "empty passwords are not permitted"],
  [iterations("4095"), "42601", "scram-sha-256 iteration count not in allowed range (4096,240000000000)"],
  [
    iterations("240000000001"),
    "42601",
    "scram-sha-256 iteration count not in allowed range (4096,240000000000)",
  ],
  [
    iterations("99999999999999999999"),
    "42601",
    'invalid scram-sha-256 iteration count: strconv.ParseInt: parsing "99999999999999999999": value out of range',
  ],
  [
    "md5abcdef0123456789abcdef0123456789",
    "0A000",
    'unimplemented: the password hash scheme "md5" is not supported',
  ],
  [
    `CRDB-BCRYPT${BCRYPT.slice(0, 40)}`,
    "42601",
    "crypto/bcrypt: hashedSecret too short to be a bcrypted password",
  ],
  [
    `CRDB-BCRYPT${BCRYPT.replace("$2a", "$3a")}`,
    "42601",
    "crypto/bcrypt: bcrypt algorithm version '3' requested is newer than current version '2'",
  ],
  [
    `CRDB-BCRYPT${BCRYPT.replace("$10$", "$01$")}`,
    "42601",
    "crypto/bcrypt: cost 1 is outside allowed inclusive range 4..31",
  ],
];

describe("what a password is taken for", () => {
  const bed = useStandIn();
  const set = (password: string) => bed.rows("ALTER USER probe PASSWORD $1", [password]);

  it.each(VERBATIM)("%j is a hash", async (text, stored) => {
    await bed.rows("CREATE USER IF NOT EXISTS probe");
    await set(text);
    expect(await bed.storedHash("probe")).toBe(stored);
  });

  it.each(CLEARTEXT)("%j is a password", async (text) => {
    await bed.rows("CREATE USER IF NOT EXISTS probe");
    await set(text);
    const stored = (await bed.storedHash("probe")) ?? "";
    expect(stored).not.toBe(text);
    expect(classifyStoredHash(stored)).toMatchObject({
      kind: "scram-sha-256",
      verifier: { iterations: 10_610 },
    });
    expect(await bed.login("probe", text)).toBe("in");
  });

  it.each(REFUSED)("%j is refused: %s %s", async (text, code, message) => {
    await bed.rows("CREATE USER IF NOT EXISTS probe");
    expect(await bed.refusal("ALTER USER probe PASSWORD $1", [text])).toMatchObject({ code, message });
  });

  it("PASSWORD NULL clears, as a word and as a value", async () => {
    await bed.rows("CREATE USER IF NOT EXISTS probe");
    for (const [sql, values] of [
      ["ALTER USER probe PASSWORD NULL", []],
      ["ALTER USER probe PASSWORD $1", [null]],
    ] as const) {
      await set("something");
      await bed.rows(sql, values);
      expect(await bed.storedHash("probe")).toBeNull();
    }
  });

  it("the minimum length is in bytes, and not for hashes", async () => {
    const setting = "server.user_login.min_password_length";
    await bed.rows(`SET CLUSTER SETTING ${setting} = 8`);
    await bed.rows("CREATE USER IF NOT EXISTS probe");
    expect(await bed.refusal("ALTER USER probe PASSWORD 'short'")).toEqual({
      code: "XXUUU",
      message: "password too short",
      hint: "Passwords must be 8 characters or longer.",
    });
    await set("ääää");
    await set(VERIFIER);
    await bed.rows(`RESET CLUSTER SETTING ${setting}`);
  });

  it("bcrypt takes no more than 72 bytes", async () => {
    await bed.rows("SET CLUSTER SETTING server.user_login.password_encryption = 'CRDB-BCRYPT'");
    await bed.rows("CREATE USER long PASSWORD 'hello'");
    expect(classifyStoredHash((await bed.storedHash("long")) ?? "")).toEqual({ kind: "bcrypt", cost: 10 });
    expect(await bed.refusal("ALTER USER long PASSWORD $1", ["x".repeat(73)])).toMatchObject({
      code: "28P01",
    });
    await bed.rows("RESET CLUSTER SETTING server.user_login.password_encryption");
  });

  it.each([
    [VERIFIER, "scram-sha-256"],
    [`CRDB-BCRYPT${BCRYPT}`, "crdb-bcrypt"],
  ])("check_password_hash_format(%j)", async (hash, scheme) => {
    expect(await bed.rows("SELECT crdb_internal.check_password_hash_format($1) AS f", [hash])).toEqual([
      { f: scheme },
    ]);
  });

  it.each([iterations("4095"), "hello"])("check_password_hash_format(%j) is refused", async (text) => {
    const sql = "SELECT crdb_internal.check_password_hash_format($1)";
    expect(await bed.refusal(sql, [text])).toMatchObject({ code: "42601" });
  });
});

describe("with pre-hashed passwords off, a verifier is the password", () => {
  const bed = useStandIn({ storePreHashed: false });

  it("and nobody says so", async () => {
    await bed.rows("CREATE USER probe PASSWORD $1", [VERIFIER]);
    expect(await bed.storedHash("probe")).not.toBe(VERIFIER);
    expect(await bed.login("probe", VERIFIER)).toBe("in");
    expect(
      await bed.rows("SHOW CLUSTER SETTING server.user_login.store_client_pre_hashed_passwords.enabled"),
    ).toEqual([{ "server.user_login.store_client_pre_hashed_passwords.enabled": false }]);
  });
});

/** Facts 2.5: [version, settings, stored before, password, what is stored after a cleartext login]. */
const REWRITES = [
  ["v24.3", {}, `CRDB-BCRYPT${BCRYPT}`, "abc", { kind: "scram-sha-256", verifier: { iterations: 10_610 } }],
  ["v24.3", {}, VERIFIER, "abc", { kind: "scram-sha-256", verifier: { iterations: 10_610 } }],
  [
    "v24.3",
    { upgrade_bcrypt_stored_passwords_to_scram: "off" },
    `CRDB-BCRYPT${BCRYPT}`,
    "abc",
    { kind: "bcrypt" },
  ],
  [
    "v24.3",
    { rehash_scram_stored_passwords_on_cost_change: "off" },
    VERIFIER,
    "abc",
    { kind: "scram-sha-256", verifier: { iterations: 4096 } },
  ],
  ["v24.3", { password_encryption: "crdb-bcrypt" }, VERIFIER, "abc", { kind: "bcrypt", cost: 10 }],
  ["v22.1", {}, `CRDB-BCRYPT${BCRYPT}`, "abc", { kind: "bcrypt" }],
  [
    "v22.1",
    { password_encryption: "scram-sha-256", upgrade_bcrypt_stored_passwords_to_scram: "on" },
    `CRDB-BCRYPT${BCRYPT}`,
    "abc",
    { kind: "scram-sha-256", verifier: { iterations: 119_680 } },
  ],
] as const;

describe.each(["v22.1", "v24.3"] as const)("%s: a cleartext login rewrites the stored hash", (version) => {
  const bed = useStandIn({ version });

  it.each(REWRITES.filter(([of]) => of === version))(
    "%s %j %s",
    async (_, settings, stored, password, after) => {
      await bed.rows("CREATE USER IF NOT EXISTS probe");
      const names = Object.entries(settings).map(([name, value]) => {
        const suffix = name.includes("stored_passwords") ? ".enabled" : "";
        return [`server.user_login.${name}${suffix}`, value] as const;
      });
      for (const [name, value] of names) await bed.rows(`SET CLUSTER SETTING ${name} = '${value}'`);
      await bed.rows(
        "SET CLUSTER SETTING server.host_based_authentication.configuration = 'host all all all password'",
      );
      await bed.rows("ALTER USER probe PASSWORD $1", [stored]);

      await bed.login("probe", "wrong");
      expect(await bed.storedHash("probe")).toBe(stored.replace("CRDB-BCRYPT", ""));
      expect(await bed.login("probe", password)).toBe("in");
      expect(classifyStoredHash((await bed.storedHash("probe")) ?? "")).toMatchObject(after);
      expect(await bed.login("probe", password)).toBe("in");

      for (const [name] of names) await bed.rows(`RESET CLUSTER SETTING ${name}`);
    },
  );
});

describe("bcrypt becomes SCRAM with as many iterations as the server's table says", () => {
  const bed = useStandIn();
  const set = (name: string, value: string | number) =>
    bed.rows(`SET CLUSTER SETTING server.user_login.${name} = ${value}`);

  it.each([
    [8, 6768],
    [9, 8768],
    [10, 10_610],
    [11, 24_302],
  ])("cost %i: %i", async (cost, iterations) => {
    await bed.rows(
      "SET CLUSTER SETTING server.host_based_authentication.configuration = 'host all all all password'",
    );
    await set("password_encryption", "'crdb-bcrypt'");
    await set("password_hashes.default_cost.crdb_bcrypt", cost);
    await bed.rows("DROP USER IF EXISTS old; CREATE USER old PASSWORD 'abc'");
    expect(classifyStoredHash((await bed.storedHash("old")) ?? "")).toMatchObject({ kind: "bcrypt", cost });
    await set("password_encryption", "'scram-sha-256'");
    expect(await bed.login("old", "abc")).toBe("in");
    expect(classifyStoredHash((await bed.storedHash("old")) ?? "")).toMatchObject({
      kind: "scram-sha-256",
      verifier: { iterations },
    });
  });
});
