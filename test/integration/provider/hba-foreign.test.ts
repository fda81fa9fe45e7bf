import { expect, it } from "vitest";
import { hbaProvider } from "../../../src/provider/hba/hba";
import { check, configured, deploy, unwrap } from "../../support/engine-side";
import { getsIn } from "../../support/gets-in";
import { useHbaServer, useSilentRadius } from "../../support/hba-server";
import { warningsOf } from "../../support/warnings";
import { wireTo } from "../../support/wire";

const server = useHbaServer();
const radius = useSilentRadius();

const FOREIGN = "host all all all scram-sha-256 # somebody else's";
const ours = (text = "host all all all scram-sha-256 # ours") => ({
  product: "postgresql",
  text,
  guard: "off",
});

it("rules that somebody else writes between our look and our writing are looked at too, and kept for destroy", async () => {
  const wire = await wireTo(server.url);
  const provider = configured(hbaProvider(), wire.url);
  let edited = false;
  wire.onStatement(async (_number, statement, when) => {
    if (edited || when !== "before" || !/lo_from_bytea|pulumi_scram.wanted/.test(statement)) return;
    edited = true;
    await server.edit(FOREIGN);
  });

  const state = await deploy(provider, ours());

  expect(server.files()).toEqual({ "pg_hba.conf": ours().text });
  await provider.delete("hba", state);
  expect(server.files()).toEqual({ "pg_hba.conf": FOREIGN });
});

it("rules that somebody else writes while ours are proved stay, when ours fail", async () => {
  // RADIUS takes the password in clear.
  const provider = configured(hbaProvider(), `${server.url}?require_auth=password,scram-sha-256`);
  const foreign = `${FOREIGN}, another`;

  const asked = radius.asked();
  const refused = deploy(provider, ours(`host all all all ${radius.method}`)).catch(({ message }) => message);
  await asked;
  server.save(foreign);

  expect(await refused).toMatch(
    /do not let the administrator in any more .*; somebody else has written others meanwhile, which are left alone; /,
  );
  expect(server.files()).toEqual({ "pg_hba.conf": foreign });
  expect(await getsIn({ connectionString: server.url })).toBe(true);
});

it("rules that somebody else writes while ours are proved stay, and ours are no success", async () => {
  const wire = await wireTo(server.url);
  const provider = configured(hbaProvider(), wire.url);
  wire.onStatement(async (_number, statement, when) => {
    // The new login's only statement.
    if (when === "before" && statement.includes("set_config('application_name', $1"))
      await server.edit(FOREIGN);
  });

  await expect(deploy(provider, ours())).rejects.toThrow(
    /^somebody else has replaced the HBA rules of 127.0.0.1:\d+ while these were written; theirs are left alone; run `pulumi refresh`/,
  );
  expect(server.files()).toEqual({ "pg_hba.conf": FOREIGN });
});

it("an update over rules that somebody else has written since the last look says so", async () => {
  const provider = configured(hbaProvider(), server.url);
  const state = await deploy(provider, ours());
  const next = await check(provider, state, ours("host all all all scram-sha-256 # ours, newer"));

  const update = () => provider.update("hba", state, next);
  expect(await warningsOf(update)).not.toContain("had been changed");
  await server.edit(FOREIGN);
  const warnings = await warningsOf(async () => Object.assign(state, unwrap((await update()).outs)));

  expect(warnings).toMatch(
    /the HBA rules of 127.0.0.1:\d+ had been changed since they were recorded last, by somebody else or .*; that is overwritten/,
  );
  expect(server.files()).toEqual({ "pg_hba.conf": "host all all all scram-sha-256 # ours, newer" });
  await provider.delete("hba", state);
});
