import { createHash, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { describeSearch, FORMS, searchLeaks } from "../../support/leaks";

const CANARIES = {
  ASCII: "Canary-5f2c81a7>?>~",
  "quotes and backslashes": `Canary 'q' "d" \\x41\\ \`b\` 100%`,
  "changed by SASLprep": "Canary-p\u00adassw\u00f6rd-\ufb03-\uff21",
  "refused by SASLprep": "Canary-\u05d0\u05d1-\u{1f511}-end",
};
const utf8 = (text: string) => Buffer.from(text);

/** How it comes about in the wild, not how the search makes it. */
const SPELLINGS: Readonly<Record<string, readonly ((text: string) => string | Buffer)[]>> = {
  plaintext: [(text) => text, (text) => utf8(text)],
  JSON: [(text) => JSON.stringify({ text }), (text) => JSON.stringify(JSON.stringify({ text }))],
  "SQL literal": [(text) => pg.escapeLiteral(text), (text) => `'${text.replaceAll("'", "''")}'`],
  "JavaScript literal": [
    (text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`,
    (text) => inspect({ text }),
  ],
  "percent-encoding": [
    (text) => encodeURIComponent(text),
    (text) => new URLSearchParams({ text }).toString(),
    (text) => encodeURIComponent(text).replaceAll(/%../g, (code) => code.toLowerCase()),
    (text) => new URL(`http://user:${encodeURIComponent(text)}@h/?${encodeURI(text)}`).href,
  ],
  base64: [
    (text) => utf8(text).toString("base64"),
    (text) => utf8(text).toString("base64").replaceAll("=", ""),
    (text) => Buffer.concat([randomBytes(1), utf8(text), randomBytes(1)]).toString("base64"),
    (text) => Buffer.concat([randomBytes(2), utf8(text), randomBytes(2)]).toString("base64"),
    (text) => Buffer.concat([randomBytes(3), utf8(text), randomBytes(3)]).toString("base64"),
  ],
  base64url: [
    (text) => utf8(text).toString("base64url"),
    (text) => Buffer.concat([randomBytes(1), utf8(text), randomBytes(1)]).toString("base64url"),
    (text) => Buffer.concat([randomBytes(2), utf8(text), randomBytes(2)]).toString("base64url"),
  ],
  hex: [
    (text) => utf8(text).toString("hex"),
    (text) => `\\x${utf8(text).toString("hex").toUpperCase()}`,
    (text) => inspect(utf8(text)),
  ],
  "byte by byte": [(text) => JSON.stringify(utf8(text)), (text) => [...utf8(text)].join(", ")],
  "UTF-16LE": [(text) => Buffer.from(`a${text}b`, "utf16le")],
  digest: [
    (text) => createHash("sha256").update(text).digest("base64"),
    (text) => createHash("md5").update(text).digest("hex"),
  ],
};

describe.each(Object.entries(CANARIES))("a canary of %s", (label, secret) => {
  const canaries = [{ label, secret }];

  it.each(Object.entries(SPELLINGS))("is found as %s", (_form, spellings) => {
    for (const spell of spellings) {
      for (const text of [secret, secret.normalize("NFKC").replaceAll("\u00ad", "")]) {
        const around = Buffer.concat([
          Buffer.from("before "),
          Buffer.from(spell(text) as string),
          randomBytes(9),
        ]);
        const { hits } = searchLeaks(canaries, [["place", around]]);
        // The form that is named is the first that fits: of a text without special characters, most are the same.
        expect(hits.map(({ place, canary }) => `${canary} in ${place}`)).toContain(`${label} in place`);
      }
    }
  });

  it("is not found where it is not", () => {
    const others = Object.values(CANARIES).filter((other) => other !== secret);
    const clean = [randomBytes(100_000), secret.slice(1), secret.slice(0, -1), ...others];
    expect(searchLeaks(canaries, Object.entries(clean)).hits).toEqual([]);
  });
});

it("every form is tested", () => {
  expect(Object.keys(SPELLINGS).sort()).toEqual([...FORMS].sort());
});

it("tells the form from others where it can", () => {
  const secret = CANARIES["quotes and backslashes"];
  const formOf = (text: string) => searchLeaks([{ label: "it", secret }], [["place", text]]).hits[0]?.form;

  expect(formOf(secret)).toBe("plaintext");
  expect(formOf(JSON.stringify(secret))).toBe("JSON");
  expect(formOf(utf8(secret).toString("base64"))).toBe("base64");
  expect(formOf(encodeURIComponent(secret))).toBe("percent-encoding");
});

it("gives no secret away, and says how much it searched", () => {
  const canaries = Object.entries(CANARIES).map(([label, secret]) => ({ label, secret }));

  const search = searchLeaks(canaries, [
    ["a log", `x ${CANARIES.ASCII} y ${CANARIES.ASCII}`],
    ["a file", utf8("clean")],
  ]);

  expect(search.hits).toEqual([{ place: "a log", canary: "ASCII", form: "plaintext" }]);
  expect(describeSearch(search)).toBe(
    `1 hits in 2 places of 0.0 MB, for 4 canaries in ${FORMS.length} forms each`,
  );
});
