import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { describeHosts, resolveTarget } from "../../../../src/database/connection/parameters/target";
import { temporaryFolder } from "../../../../tools/temporary-folder.mts";

const folder = temporaryFolder("service");
const file = join(folder, "services.conf");
const home = join(folder, "home");
const system = join(folder, "etc");
mkdirSync(home);
mkdirSync(system);
writeFileSync(join(home, ".pg_service.conf"), "[mine]\nhost=home\n[both]\nhost=home\n");
writeFileSync(join(system, "pg_service.conf"), "[theirs]\nhost=etc\n[both]\nhost=etc\n");
beforeEach(() => {
  vi.stubEnv("HOME", home);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

type Values = Record<string, string>;
const resolve = (settings: string | null, text: string, env: Values = {}) => {
  writeFileSync(file, text);
  return resolveTarget(settings, { PGUSER: "me", PGSERVICEFILE: file, ...env });
};

const PROD = `
# where the shop is
[prod]
host=db.example.com
port=6000
dbname=shop
sslmode=verify-full

[other]
host=nowhere
`;

describe("a service", () => {
  it.each<[string, string | null, Values]>([
    ["named in a URL", "postgresql://?service=prod", {}],
    ["named in the environment", null, { PGSERVICE: "prod" }],
    ["named in both: the URL's", "postgresql://?service=prod", { PGSERVICE: "other" }],
    [
      "before the environment",
      "postgresql://?service=prod",
      { PGHOST: "env", PGPORT: "1", PGSSLMODE: "disable" },
    ],
  ])("says where to connect: %s", (_case, settings, env) => {
    const target = resolve(settings, PROD, env);
    expect(describeHosts(target.hosts)).toBe("db.example.com:6000");
    expect(target).toMatchObject({ user: "me", database: "shop", tls: { sslmode: "verify-full" } });
  });

  it("after what is given", () => {
    const target = resolve("postgresql://u@given/?service=prod", PROD);
    expect(describeHosts(target.hosts)).toBe("given:6000");
    expect(target).toMatchObject({ user: "u", database: "shop" });
  });

  /** Each as libpq 18.4 reads it. */
  it.each<[string, string, object]>([
    ["blanks around a line", "[s]\n  user=x y  \n", { user: "x y" }],
    ["a blank after the sign of equality is part of the value", "[s]\nuser= x", { user: " x" }],
    ["quotes are, too", "[s]\nuser='x'", { user: "'x'" }],
    ["another sign of equality is, too", "[s]\noptions=-c a=b", { options: "-c a=b" }],
    ["the first of two lines", "[s]\nuser=a\nuser=b", { user: "a" }],
    ["the first of two sections", "[s]\nuser=a\n[s]\noptions=b", { user: "a", options: undefined }],
    ["a section with more on its line", "[s] # mine\nuser=a", { user: "a" }],
    ["nonsense in other sections", "junk\n[r]\njunk\n[s]\nuser=a\n[t]\njunk", { user: "a" }],
    ["line ends of another system", "[s]\r\nuser=a\r\n", { user: "a" }],
    [
      "public authorities",
      "[s]\nsslrootcert=system",
      { tls: { sslmode: "verify-full", sslrootcert: "system" } },
    ],
  ])("is read as by libpq: %s", (_case, text, expected) => {
    expect(resolveTarget("postgresql://?service=s", env(text))).toMatchObject(expected);
  });
  const env = (text: string) => {
    writeFileSync(file, text);
    return { PGSERVICEFILE: file };
  };

  it.each<[string, Values, string]>([
    ["mine", {}, "home:5432"],
    ["both", { PGSYSCONFDIR: system }, "home:5432"],
    ["theirs", { PGSYSCONFDIR: system }, "etc:5432"],
    ["theirs", { PGSYSCONFDIR: system, PGSERVICEFILE: join(home, ".pg_service.conf") }, "etc:5432"],
  ])("is looked for at home, then in the system's file: %s %j", (service, env, hosts) => {
    expect(describeHosts(resolveTarget(`postgresql://?service=${service}`, env).hosts)).toBe(hosts);
  });

  it.each<[string, string, RegExp]>([
    [
      "not defined",
      "[prod]\n",
      /^the service "s" is not defined: it is not in .+services.conf; see PGSERVICE, /,
    ],
    ["a line that is no value", "[s]\nCanary", /^line 2 of the service file .+ is no name=value/],
    ["a blank before the sign of equality", "[s]\nhost =Canary", /^line 2 of the service file/],
    ["a parameter that is none", "[s]\n\nhots=Canary", /^line 3 of the service file/],
    ["a service in a service", "[s]\nservice=prod", /^line 2 of the service file/],
    ["a value that is refused", "[s]\nsslmode=on", /^the sslmode of the service "s" cannot be "on"; use/],
    [
      "a promise that is not kept",
      "[s]\nrequirepeer=Canary",
      /^the requirepeer of the service "s" is not supported/,
    ],
  ])("is refused: %s", (_case, text, sentence) => {
    const attempt = () => resolve("postgresql://?service=s", text);
    expect(attempt).toThrow(sentence);
    expect(attempt).not.toThrow(/Canary/);
  });

  it("is refused where there is no file", () => {
    const nowhere = { PGSERVICEFILE: join(folder, "none") };
    expect(() => resolveTarget("postgresql://?service=s", nowhere)).toThrow(
      /^the service file cannot be read: .+none \[ENOENT\]/,
    );
    vi.stubEnv("HOME", folder);
    expect(() => resolveTarget("postgresql://?service=s", {})).toThrow(
      /^the service "s" is not defined: there is no service file/,
    );
  });
});
