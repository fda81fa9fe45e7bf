import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { hbaProvider } from "../../../src/provider/hba/hba";
import { startPostgres } from "../../../tools/postgres/server.mts";
import { temporaryFolder } from "../../../tools/temporary-folder.mts";
import { configured, deploy } from "../../support/engine-side";
import { hbaFiles, useHbaServer } from "../../support/hba-server";
import { query } from "../../support/targets";
import { warningsOf } from "../../support/warnings";
import { wireTo } from "../../support/wire";

const BEFORE = "host all all all scram-sha-256 # from before";
const NEW = "host all all all scram-sha-256 # new";
const LOCKING_OUT = "host all all all reject";

/** As which user servers run here. */
const any = useHbaServer();

/** A server whose HBA file, for its group too, lies in a folder of its own, with a name that a shell would take apart. */
async function serverWithFolder(arrange: (folder: string, file: string) => void) {
  const outside = temporaryFolder("hba", dirname(dirname(any.folder)));
  const folder = join(outside, "it's $HOME; `a` folder");
  const file = join(folder, "pg_hba.conf");
  mkdirSync(folder);
  writeFileSync(file, BEFORE);
  chmodSync(file, 0o640);
  const { uid, gid } = statSync(any.folder);
  for (const path of [outside, folder, file]) chownSync(path, uid, gid);
  arrange(folder, file);
  const server = await startPostgres({ log_statement: "none", hba_file: file });
  onTestFinished(async () => {
    await server.stop();
    chmodSync(folder, 0o700);
    rmSync(outside, { recursive: true });
  });
  const data = join(dirname(server.logFile), "data");
  return { url: server.url, folder, file, data };
}

type Server = Awaited<ReturnType<typeof serverWithFolder>>;

/** What lies beside the file, or in the data directory, while a login under the new rules is under way. */
async function lookDuring(server: Server, look: () => void): Promise<string> {
  const wire = await wireTo(server.url);
  let seen = 0;
  wire.onStatement((_number, statement, when) => {
    if (when !== "before" || !statement.includes("set_config('application_name', $1")) return;
    seen++;
    look();
  });
  const provider = configured(hbaProvider(), wire.url);
  const warnings = await warningsOf(() => deploy(provider, { product: "postgresql", text: NEW }));
  expect(seen).toBe(1);
  return warnings;
}

async function lockOut({ url }: Server): Promise<void> {
  const provider = configured(hbaProvider(), url);
  const refused = deploy(provider, { product: "postgresql", text: LOCKING_OUT, guard: "off" });
  await expect(refused).rejects.toThrow(/the rules from before are back in force/);
}

const modeOf = (path: string) => statSync(path).mode & 0o777;
const IN_PLACE = /cannot rename a file into the place of its HBA file, which is overwritten/;

it("another file is renamed into its place; it and the copies beside it have the mode of the one before", async () => {
  const server = await serverWithFolder(() => {});
  const { ino } = statSync(server.file);

  const warnings = await lookDuring(server, () => {
    const copies = {
      "pg_hba.conf": NEW,
      "pg_hba.conf.pulumi-scram-before": BEFORE,
      "pg_hba.conf.pulumi-scram-after": NEW,
    };
    expect(hbaFiles(server.folder)).toEqual(copies);
    for (const name of Object.keys(copies)) expect(modeOf(join(server.folder, name)), name).toBe(0o640);
  });

  expect(warnings).not.toMatch(IN_PLACE);
  expect(hbaFiles(server.folder)).toEqual({ "pg_hba.conf": NEW });
  expect(statSync(server.file).ino).not.toBe(ino);
  expect(modeOf(server.file)).toBe(0o640);
  expect(await query(server.url, "SELECT FROM pg_largeobject")).toEqual([]);
  await lockOut(server);
  expect(hbaFiles(server.folder)).toEqual({ "pg_hba.conf": NEW });
});

it("a symbolic link stays one; what it leads to is what is replaced", async () => {
  const target = (folder: string) => join(dirname(folder), "elsewhere.conf");
  const server = await serverWithFolder((folder, file) => {
    linkSync(file, target(folder));
    rmSync(file);
    symlinkSync("../elsewhere.conf", file);
  });

  expect(await lookDuring(server, () => {})).not.toMatch(IN_PLACE);
  await lockOut(server);

  expect(lstatSync(server.file).isSymbolicLink()).toBe(true);
  expect(readFileSync(target(server.folder), "utf8")).toBe(NEW);
  expect(modeOf(server.file)).toBe(0o640);
  expect(hbaFiles(server.folder)).toEqual({ "pg_hba.conf": NEW });
});

it.skipIf(process.platform === "win32")(
  "where the server cannot write beside the file, it is overwritten, and that is said; the copies are where nobody else looks",
  async () => {
    const server = await serverWithFolder((folder) => chmodSync(folder, 0o555));

    const warnings = await lookDuring(server, () => {
      expect(hbaFiles(server.folder)).toEqual({ "pg_hba.conf": NEW });
      expect(hbaFiles(server.data)).toMatchObject({
        "pg_hba.conf.pulumi-scram-before": BEFORE,
        "pg_hba.conf.pulumi-scram-after": NEW,
      });
      expect(modeOf(server.data) & 0o007).toBe(0);
    });

    expect(warnings).toMatch(IN_PLACE);
    expect(hbaFiles(server.folder)).toEqual({ "pg_hba.conf": NEW });
    expect(Object.keys(hbaFiles(server.data)).filter((name) => name.includes("scram"))).toEqual([]);
    await lockOut(server);
    expect(readFileSync(server.file, "utf8")).toBe(NEW);
    expect(Object.keys(hbaFiles(server.data)).filter((name) => name.includes("scram"))).toEqual([]);
    expect(await query(server.url, "SELECT FROM pg_largeobject")).toEqual([]);
  },
);

it("a file that the server may not write stays as it is, with the reason", async () => {
  const server = await serverWithFolder((_folder, file) => chmodSync(file, 0o440));
  const refused = deploy(configured(hbaProvider(), server.url), { product: "postgresql", text: NEW });
  await expect(refused).rejects.toThrow(
    /^could not write the HBA rules on 127.0.0.1:\d+: could not create server file ".*pg_hba.conf": Permission denied; the rules from before are back in force$/,
  );
  expect(readFileSync(server.file, "utf8")).toBe(BEFORE);
});
