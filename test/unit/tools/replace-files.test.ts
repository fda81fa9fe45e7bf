import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { replaceFiles } from "../../../tools/build/replace-files.mts";
import { removeFolder, temporaryFolder } from "../../../tools/temporary-folder.mts";

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = join(temporaryFolder("build"), "dist");
  onTestFinished(() => removeFolder(dirname(folder)));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const contents = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );

it("a folder gets the files of a build, and loses those that the build no longer makes", () => {
  const dist = folderWith({ "same.js": "1", "a/changed.js": "1", "gone.js": "1" });
  const built = folderWith({ "same.js": "1", "a/changed.js": "2", "b/new.js": "1" });
  chmodSync(join(built, "b/new.js"), 0o755);

  replaceFiles(built, dist);

  expect(contents(dist)).toEqual({ "same.js": "1", "a/changed.js": "2", "b/new.js": "1" });
  expect(statSync(join(dist, "b/new.js")).mode & 0o777).toBe(0o755);
});

it("a file that has not changed is not touched", () => {
  const dist = folderWith({ "same.js": "1" });
  const before = statSync(join(dist, "same.js"), { bigint: true });

  replaceFiles(folderWith({ "same.js": "1" }), dist);

  expect(statSync(join(dist, "same.js"), { bigint: true })).toMatchObject({
    ino: before.ino,
    ctimeNs: before.ctimeNs,
  });
});

it("who has opened a file that changes reads the old one to its end", () => {
  const dist = folderWith({ "changed.js": "the old one" });
  const opened = openSync(join(dist, "changed.js"), "r");
  onTestFinished(() => closeSync(opened));

  replaceFiles(folderWith({ "changed.js": "new" }), dist);

  expect(readFileSync(opened, "utf8")).toBe("the old one");
});

it("the files of another build that is under way are left alone", () => {
  const other = "pulumi-scram-build-x/dist/index.js";
  const dist = folderWith({ [other]: "1" });

  replaceFiles(folderWith({ "index.js": "1" }), dist);

  expect(contents(dist)).toEqual({ [other]: "1", "index.js": "1" });
});
