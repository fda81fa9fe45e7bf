import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { passwordFromFile } from "../../../../src/database/connection/parameters/password-file";
import { temporaryFolder } from "../../../../tools/temporary-folder.mts";

const folder = temporaryFolder("passfile");
const file = join(folder, "passwords");
afterAll(() => rmSync(folder, { recursive: true }));

const look = (host = "h", user = "u") => passwordFromFile(file, { host, port: 5432 }, "d", user);

describe("the password file", () => {
  it.each([
    ["its line", "h:5432:d:u:pw", "pw"],
    ["stars for anything", "*:*:*:*:pw", "pw"],
    ["the first line that fits", "h:1:d:u:no\nh:5432:d:u:pw\n*:*:*:*:no", "pw"],
    ["comments and empty lines", "# h:5432:d:u:no\n\nh:5432:d:u:pw\n", "pw"],
    ["a comment without a blank", "#:*:*:*:no\nh:5432:d:u:pw\n", "pw"],
    ["a colon and a backslash in it", String.raw`h:5432:d:u:p\:w\\`, String.raw`p:w\ `.trim()],
    ["line ends of another system", "h:5432:d:u:pw\r\n", "pw"],
    ["blanks are part of it", "h:5432:d:u: pw ", " pw "],
    ["a short line", "h:5432", ""],
    ["no line that fits", "other:5432:d:u:pw", ""],
    ["a star that is meant", String.raw`\*:5432:d:u:no`, ""],
    ["nothing", "", ""],
  ])("has %s", async (_case, text, password) => {
    writeFileSync(file, text, { mode: 0o600 });
    expect(await look()).toBe(password);
  });

  it("has addresses and folders of sockets as hosts", async () => {
    writeFileSync(file, String.raw`\:\:1:*:*:*:six${"\n"}/tmp:*:*:*:socket`, { mode: 0o600 });
    expect(await look("::1")).toBe("six");
    expect(await look("/tmp")).toBe("socket");
  });

  it.each([0o640, 0o604, 0o620])("is not used when others may read or write it: mode %o", async (mode) => {
    writeFileSync(file, "*:*:*:*:Canary");
    chmodSync(file, mode);
    await expect(look()).rejects.toThrow(
      /^others may use the password file .+, so it is not used; run chmod 0600 .+$/,
    );
    chmodSync(file, 0o600);
    expect(await look()).toBe("Canary");
  });

  it("need not be there, nor be one", async () => {
    expect(await passwordFromFile(join(folder, "none"), { host: "h", port: 1 }, "d", "u")).toBe("");
    mkdirSync(join(folder, "folder"));
    expect(await passwordFromFile(join(folder, "folder"), { host: "h", port: 1 }, "d", "u")).toBe("");
  });
});
