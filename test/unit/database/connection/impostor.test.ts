import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { temporaryFolder } from "../../../../tools/temporary-folder.mts";
import { createAuthority } from "../../../support/certificates";
import { FAKE_PASSWORD, FakeServer, type FakeServerOptions } from "../../../support/fake-server";
import { loginAs } from "../../../support/login";

const authority = createAuthority();
const tls = authority.issueServer("127.0.0.1");
const folder = temporaryFolder("impostor");
const ca = join(folder, "ca.crt");
writeFileSync(ca, authority.cert);
afterAll(() => rmSync(folder, { recursive: true }));

type Asks = NonNullable<FakeServerOptions["asks"]>;

/** How the server asks, over which connection. */
const IN_PLAIN = "sslmode=disable";
/** Anybody has a certificate. */
const UNCHECKED = "sslmode=require";
const CHECKED = `sslmode=verify-full&sslrootcert=${ca}`;

describe("without require_auth, only who the certificate or SCRAM proves to be the server gets to know anything", () => {
  it.each<[asks: Asks, over: string, outcome: string]>([
    ["SCRAM", IN_PLAIN, "in"],
    ["cleartext", IN_PLAIN, "require-auth"],
    ["md5", IN_PLAIN, "require-auth"],
    ["nothing", IN_PLAIN, "require-auth"],
    ["SCRAM", UNCHECKED, "in"],
    ["cleartext", UNCHECKED, "require-auth"],
    ["md5", UNCHECKED, "require-auth"],
    ["nothing", UNCHECKED, "require-auth"],
    ["cleartext", "sslmode=prefer", "require-auth"],
    ["cleartext", "sslmode=allow", "require-auth"],
    ["SCRAM", CHECKED, "in"],
    ["cleartext", CHECKED, "in"],
    ["md5", CHECKED, "in"],
    ["nothing", CHECKED, "in"],
  ])("%s, %s: %s", async (asks, over, outcome) => {
    const server = await FakeServer.start({ asks, tls });
    expect(await loginAs(server.url(over))).toBe(outcome);
    expect(server.heard.includes(FAKE_PASSWORD)).toBe(asks === "cleartext" && outcome === "in");
    expect(server.heard.includes("\0md5")).toBe(false);
    expect(server.ways).toHaveLength(1);
  });
});

describe("require_auth, as in libpq", () => {
  it.each<[requireAuth: string, allows: Asks[]]>([
    ["scram-sha-256", ["SCRAM"]],
    ["password", ["cleartext"]],
    ["md5", ["md5"]],
    ["none", ["nothing"]],
    ["md5,password", ["cleartext", "md5"]],
    ["!none", ["SCRAM", "cleartext", "md5"]],
    ["!password,!md5", ["SCRAM", "nothing"]],
    ["gss,sspi,oauth", []],
  ])("%s, whatever the connection", async (requireAuth, allows) => {
    for (const asks of ["SCRAM", "cleartext", "md5", "nothing"] as const) {
      for (const over of [IN_PLAIN, CHECKED]) {
        const server = await FakeServer.start({ asks, tls });
        const outcome = await loginAs(server.url(`${over}&require_auth=${requireAuth}`));
        expect([asks, over, outcome]).toEqual([asks, over, allows.includes(asks) ? "in" : "require-auth"]);
      }
    }
  });

  it("may stand in the environment, or among the parts", async () => {
    const server = await FakeServer.start({ asks: "nothing" });
    vi.stubEnv("PGREQUIREAUTH", "none");
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await loginAs(server.url())).toBe("in");
    vi.unstubAllEnvs();
    const parts = { host: "127.0.0.1", port: server.port, user: "postgres", database: "postgres" };
    expect(await loginAs({ ...parts, require_auth: "none" })).toBe("in");
    expect(await loginAs(parts)).toBe("require-auth");
  });
});

describe("the iteration count: what a proof is worth to who listens", () => {
  it.each([
    [1, "iterations-too-few"],
    [4_095, "iterations-too-few"],
    [4_096, "in"],
    [119_680, "in"],
    [1_000_001, "iterations-too-many"],
  ])("%i: %s", async (iterations, outcome) => {
    const server = await FakeServer.start({ iterations });
    expect(await loginAs(server.url())).toBe(outcome);
    expect(server.heard.includes(",p=")).toBe(outcome === "in");
  });
});
