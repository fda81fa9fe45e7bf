import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { removeFolder, temporaryFolder } from "../../../tools/temporary-folder.mts";
import { cli } from "../../support/cli";

const OLD = `host shop,postgres japp 10.0.0.0/8 scram-sha-256
host all batch 10.0.0.0/8 scram-sha-256
`;
const NEW = `host postgres japp 10.0.0.0/8 scram-sha-256
host all batch 10.0.0.0/9 scram-sha-256
hostssl all batch 192.168.0.0/16 scram-sha-256
`;

function files(...texts: string[]): string[] {
  const folder = temporaryFolder("diff");
  onTestFinished(() => removeFolder(folder));
  return texts.map((text, i) => {
    const path = join(folder, `${i}.conf`);
    writeFileSync(path, text);
    return path;
  });
}

describe("hba diff", () => {
  it("says of two files who gains and who loses what", async () => {
    const { status, out } = await cli(["hba", "diff", ...files(OLD, NEW)]);
    expect([
      status,
      out
        .replaceAll(/\n {4}/g, " ")
        .trimEnd()
        .split("\n"),
    ]).toEqual([
      1,
      [
        'locked out: "japp" (to database "shop": no rule is for the user any more)',
        '"batch" loses every database from 10.128.0.0/9 (line 2)',
        '"japp" loses database shop from 10.0.0.0/8 (line 1)',
        '"batch" gains every database from 192.168.0.0/16 (line 3)',
      ],
    ]);
  });

  it("for machines, with whole lists", async () => {
    const { out } = await cli(["hba", "diff", "--json", ...files(OLD, NEW)]);
    expect(JSON.parse(out)).toEqual({
      users: [
        {
          user: "batch",
          lockout: null,
          losses: [{ replication: false, databases: "all", from: ["10.128.0.0/9"], lines: [2] }],
          gains: [{ replication: false, databases: "all", from: ["192.168.0.0/16"], lines: [3] }],
        },
        {
          user: "japp",
          lockout: 'to database "shop": no rule is for the user any more',
          losses: [{ replication: false, databases: ["shop"], from: ["10.0.0.0/8"], lines: [1] }],
          gains: [],
        },
      ],
    });
  });

  it("of whoever no rule names, too", async () => {
    const { out } = await cli([
      "hba",
      "diff",
      ...files("host all all 10.0.0.0/8 trust", "host all app 10.0.0.0/8 trust"),
    ]);
    expect(out.replaceAll(/\s+/g, " ")).toContain('locked out: "(any other user)" (from elsewhere: no rule');
  });

  it("what nobody can know here is told as that, after what is sure, and counts as a narrowing", async () => {
    const texts = files(
      "host all app 10.0.0.0/8 ldap ldapserver=x ldapprefix=y\nhost all app ::/0 scram-sha-256",
      "host all app 2001:db8::/32 scram-sha-256",
    );
    const { status, out } = await cli(["hba", "diff", ...texts]);
    expect([
      status,
      out
        .replaceAll(/\n {4}/g, " ")
        .trimEnd()
        .split("\n"),
    ]).toEqual([
      1,
      [
        '"app" loses every database from everywhere but 0.0.0.0/0, 2001:db8::/32 (line 2)',
        '"app" may lose every database from 10.0.0.0/8 (line 1)',
      ],
    ]);
    const { out: json } = await cli(["hba", "diff", "--json", ...texts]);
    expect(JSON.parse(json).users[0].losses).toContainEqual({
      maybe: true,
      replication: false,
      databases: "all",
      from: ["10.0.0.0/8"],
      lines: [1],
    });
    expect((await cli(["hba", "diff", "--fail-on", "lockout", ...texts])).status).toBe(0);
  });

  it.each([
    ["lockout", NEW, 1],
    ["lockout", OLD.replace("/8", "/9"), 0],
    ["narrowing", OLD.replace("/8", "/9"), 1],
    ["narrowing", `${OLD}host all batch ::/0 scram-sha-256`, 0],
    ["any", `${OLD}host all batch ::/0 scram-sha-256`, 1],
    ["any", OLD, 0],
    ["never", NEW, 0],
  ])("--fail-on %s", async (effect, text, status) => {
    expect((await cli(["hba", "diff", "--fail-on", effect, ...files(OLD, text)])).status).toBe(status);
  });

  it("CockroachDB's language, with its own rule for root", async () => {
    const texts = files("host all all all cert-password", "host all app all cert-password");
    const { out } = await cli(["hba", "diff", "--product", "cockroachdb", ...texts]);
    expect(out).toContain('"(any other user)"');
    expect(out).not.toMatch(/"(root|app)"/);
  });

  it("reads one of the two from standard input", async () => {
    const [old = ""] = files(OLD);
    expect((await cli(["hba", "diff", old, "-"], { input: OLD })).out).toBe(
      "nobody gains or loses a way in\n",
    );
  });

  it.each([
    [["only.conf"], /give two files, the old rules and the new ones/],
    [["-", "-"], /standard input can be one of the two/],
    [["--url", "postgresql://x@127.0.0.1:1/x", "a", "b"], /give one file, of the new rules/],
  ])("%j is refused", async (args, message) => {
    const { status, err } = await cli(["hba", "diff", ...args]);
    expect([status, err]).toEqual([2, expect.stringMatching(message)]);
  });
});
