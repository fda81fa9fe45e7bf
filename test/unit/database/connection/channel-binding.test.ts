import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../../tools/temporary-folder.mts";
import { createAuthority } from "../../../support/certificates";
import { FakeServer, type FakeServerOptions } from "../../../support/fake-server";
import { loginAs } from "../../../support/login";

const tls = createAuthority().issueServer("127.0.0.1");
const another = createAuthority().issueServer("127.0.0.1");

/** Its signature is without a hash, so that there is nothing to bind to. */
const unbindable = ed25519();
function ed25519() {
  const folder = temporaryFolder("ed25519");
  afterAll(() => rmSync(folder, { recursive: true }));
  const args = "req -x509 -newkey ed25519 -nodes -subj /CN=127.0.0.1 -days 2 -keyout key -out cert";
  execFileSync("openssl", args.split(" "), { cwd: folder, stdio: "ignore" });
  const [cert = "", key = ""] = ["cert", "key"].map((name) => readFileSync(join(folder, name), "utf8"));
  return { cert, key };
}

const BOUND = "SCRAM-SHA-256-PLUS p=tls-server-end-point";
/** We could, and think that the server cannot. */
const COULD = "SCRAM-SHA-256 y";
const UNBOUND = "SCRAM-SHA-256 n";
/** What a server without channel binding offers, or what somebody between us and one with it leaves of its offer. */
const STRIPPED = ["SCRAM-SHA-256"];

describe("channel_binding, as in libpq", () => {
  it.each<[string, server: FakeServerOptions, url: string, outcome: string, chosen: string[]]>([
    ["prefer (the default): where the server offers it", { tls }, "", "in", [BOUND]],
    ["prefer: without TLS there is nothing to bind to", {}, "", "in", [UNBOUND]],
    [
      "prefer: somebody took the offer away, and the server notices",
      { tls, offers: STRIPPED },
      "",
      "08P01",
      [COULD],
    ],
    [
      "prefer: somebody has ended the TLS connection, and the server notices",
      { tls, boundTo: another },
      "",
      "08P01",
      [BOUND],
    ],
    ["prefer: any other method", { tls, asks: "md5" }, "&require_auth=md5", "in", []],
    ["disable", { tls }, "&channel_binding=disable", "in", [UNBOUND]],
    [
      "disable, where nothing else is offered",
      { tls, offers: ["SCRAM-SHA-256-PLUS"] },
      "&channel_binding=disable",
      "mechanism-not-offered",
      [],
    ],
    ["require", { tls }, "&channel_binding=require", "in", [BOUND]],
    [
      "require, where it is not offered",
      { tls, offers: STRIPPED },
      "&channel_binding=require",
      "channel-binding",
      [],
    ],
    ["require, without TLS", {}, "&channel_binding=require", "channel-binding", []],
    [
      "require, where the server lets in at once",
      { tls, asks: "nothing" },
      "&channel_binding=require&require_auth=none",
      "channel-binding",
      [],
    ],
    [
      "require, where the server asks for the password",
      { tls, asks: "cleartext" },
      "&channel_binding=require&require_auth=password",
      "channel-binding",
      [],
    ],
    [
      "the offer without TLS, which no server makes",
      { offers: ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"] },
      "",
      "PROTOCOL",
      [],
    ],
    [
      "a certificate that nothing can be bound to, which somebody may show to be rid of it",
      { tls: unbindable, boundTo: tls },
      "",
      "channel-binding",
      [],
    ],
    ["the same, on purpose", { tls: unbindable, boundTo: tls }, "&channel_binding=disable", "in", [UNBOUND]],
    [
      "the same, with the offer taken away as well",
      { tls: unbindable, boundTo: tls, offers: STRIPPED },
      "",
      "08P01",
      [COULD],
    ],
  ])("%s", async (_case, options, parameters, outcome, chosen) => {
    const server = await FakeServer.start(options);
    expect(await loginAs(server.url(`sslmode=prefer${parameters}`))).toBe(outcome);
    expect(server.chosen).toEqual(chosen);
    expect(server.ways).toHaveLength(1);
  });
});
