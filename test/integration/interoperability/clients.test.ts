import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { deriveVerifier, formatVerifier } from "../../../src/scram";
import { CLIENTS } from "../../support/clients";
import { PASSWORDS } from "../../support/passwords";
import { sql } from "../../support/server";

const { port } = inject("postgres");

/** A user whose verifier is ours. */
async function deploy(password: string, { saltBytes = 16, iterations = 10_610 } = {}): Promise<string> {
  const user = `interop_${randomUUID().slice(0, 8)}`;
  const verifier = await deriveVerifier(password, { salt: Buffer.alloc(saltBytes, user), iterations });
  await sql(`CREATE ROLE ${user} LOGIN PASSWORD '${formatVerifier(verifier)}'`);
  return user;
}

/** The clients that do not get in. Any other failure than a refusal is the test's. */
async function refused(user: string, password: string): Promise<string[]> {
  const attempts = Object.entries(CLIENTS).map(async ([name, login]) => {
    try {
      expect(await login({ port, user, password })).toBe(user);
      return [];
    } catch (error) {
      if (!/password authentication failed|exceeds scramMaxIterations/.test(String(error))) throw error;
      return [name];
    }
  });
  return (await Promise.all(attempts)).flat().sort();
}

/** They send the password's bytes as they are. */
const UNPREPARED = ["postgrejs", "postgres.js"];

/** Characters by the classes of docs/guides/portable-passwords.md, and who is not let in with them. */
const CLASSES: readonly { characters: string; passwords: readonly string[]; fail: readonly string[] }[] = [
  {
    characters: "printable ASCII",
    passwords: [
      ..."correct horse|!\"#$%&'()*+,-./:;<=>?@[\\]^_`{}~| padded ".split("|"),
      "0123456789".repeat(100),
    ],
    fail: [],
  },
  {
    characters: "letters as keyboards give them",
    passwords: [
      "p\u00e4ssw\u00f6rd",
      "\u043f\u0430\u0440\u043e\u043b\u044c",
      "\u5bc6\u7801",
      "\u05e9\u05dc\u05d5\u05dd",
    ],
    fail: [],
  },
  {
    characters: "letters in two characters",
    passwords: ["pa\u0308ssword", "e\u0301"],
    fail: UNPREPARED,
  },
  {
    characters: "other forms of a character",
    passwords: ["o\ufb03ce", "\uff50\uff41\uff53\uff53", "x\u00b2", "a\u2122"],
    fail: UNPREPARED,
  },
  {
    characters: "spaces other than ASCII's",
    passwords: ["pass\u00a0word", "a\u3000b"],
    fail: UNPREPARED,
  },
  {
    characters: "characters without width",
    passwords: ["pass\u00adword", "a\u200db", "pass\ufeffword"],
    fail: UNPREPARED,
  },
  { characters: "nothing but those", passwords: ["\u00ad"], fail: ["pg"] },
  {
    characters: "emoji, and what is newer than Unicode 3.2",
    passwords: ["key \u{1f511}\u{1f980}", "a\u0221b"],
    fail: [],
  },
  { characters: "emoji joined", passwords: ["\u{1f469}\u200d\u{1f4bb}"], fail: ["pg"] },
  {
    characters: "emoji or private, with one that is replaced or removed",
    passwords: ["o\ufb03ce \u{1f511}", "pa\u0308ss \u{1f511}", "a\u00a0\u{1f511}", "o\ufb03ce\ue000"],
    fail: ["pg"],
  },
  { characters: "both directions of writing", passwords: ["abc\u05d0\u05d1def"], fail: [] },
  {
    characters: "control and private characters",
    passwords: ["bell\u0007 and\ntwo lines", "a\u0085b", "a\ue000b"],
    fail: [],
  },
];
const ROWS = CLASSES.flatMap(({ characters, passwords, fail }) =>
  passwords.map((password) => [characters, password, fail] as const),
);

/** npm carries the first three; a machine may lack the others, and a run says so by what it skips. */
const OPTIONAL = ["psql", "psycopg"];
for (const name of ["pg", "postgres.js", "postgrejs", ...OPTIONAL]) {
  it.skipIf(OPTIONAL.includes(name) && !(name in CLIENTS))(`${name} logs in, as who it says`, async () => {
    const user = await deploy("right");
    expect(await CLIENTS[name]?.({ port, user, password: "right" })).toBe(user);
  });
}

describe("a user that we deployed logs in", () => {
  it.each(ROWS)("%s: %j, but not by %o", async (_characters, password, fail) => {
    expect(await refused(await deploy(password), password)).toEqual(fail);
  });

  it.each(PASSWORDS)("with the corpus of the first issue: %s", async (label, password) => {
    const isChanged = /NFKC|is mapped/.test(label);
    expect(await refused(await deploy(password), password)).toEqual(isChanged ? UNPREPARED : []);
  });

  it.each(Object.entries(CLIENTS))(
    "%s is refused with another password, in the server's words",
    async (_name, login) => {
      const user = await deploy("right");
      await expect(login({ port, user, password: "wrong" })).rejects.toThrow(
        `password authentication failed for user "${user}"`,
      );
    },
  );
});

describe("iteration counts and salts", () => {
  it.each<[number, string[]]>([
    [4096, []],
    [10_610, []],
    [100_000, []],
    [100_001, ["pg"]],
    [119_680, ["pg"]],
  ])("%d iterations are too many for %o", async (iterations, fail) => {
    expect(await refused(await deploy("pw", { iterations }), "pw")).toEqual(fail);
  });

  it.each([1, 16, 24, 64, 200])("a salt of %d bytes is one for all", async (saltBytes) => {
    expect(await refused(await deploy("pw", { saltBytes, iterations: 4096 }), "pw")).toEqual([]);
  });
});

describe("docs/guides/portable-passwords.md", () => {
  const lines = readFileSync("docs/guides/portable-passwords.md", "utf8").split("\n");
  const cells = (line = "") =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
  let header: string[];
  let rows: string[][];

  beforeAll(() => {
    const start = lines.findIndex((line) => line.startsWith("| characters |"));
    header = cells(lines[start]);
    rows = lines.slice(start + 2, start + 2 + CLASSES.length).map(cells);
  });

  it("has every class, and who fails with it", () => {
    const column = (name: string) => header.findIndex((title) => title.split(", ").includes(name));
    const documented = rows.map((row) => ({
      characters: row[0],
      fail: Object.keys(CLIENTS)
        .filter((name) => row[column(name)] === "no")
        .sort(),
      odd: row.slice(2).filter((cell) => cell !== "yes" && cell !== "no"),
    }));
    for (const name of Object.keys(CLIENTS)) expect(column(name), name).toBeGreaterThan(1);
    expect(documented).toEqual(CLASSES.map(({ characters, fail }) => ({ characters, fail, odd: [] })));
  });
});
