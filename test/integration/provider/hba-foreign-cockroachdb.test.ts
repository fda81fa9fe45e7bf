import { beforeAll, expect, it } from "vitest";
import { hbaProvider } from "../../../src/provider/hba/hba";
import { startPostgres } from "../../../tools/postgres/server.mts";
import { type RunningStandIn, startCockroachStandIn } from "../../cockroachdb-stand-in/start";
import { configured, deploy } from "../../support/engine-side";
import { query } from "../../support/targets";
import { wireTo } from "../../support/wire";

const HBA = "server.host_based_authentication.configuration";
const FOREIGN = "host all all all cert-password # somebody else";
/** Under which ours fail, too. */
const FOREIGN_AND_LOCKING_OUT = `host all boss all reject\n${FOREIGN}`;
const OURS = "host all all all cert-password # ours";
const LOCKING_OUT = "host all boss all reject\nhost all all all cert-password";

let standIn: RunningStandIn;
let refuses = false;
beforeAll(async () => {
  const postgres = await startPostgres();
  standIn = await startCockroachStandIn(postgres, {
    failWith40001: (sql) => refuses && sql.endsWith("= $1"),
  });
  await query(standIn.url, "CREATE USER boss MODIFYCLUSTERSETTING PASSWORD 'pw'");
  return async () => {
    await standIn.stop();
    await postgres.stop();
  };
});

const stored = async () =>
  (await query<Record<string, string>>(standIn.url, `SHOW CLUSTER SETTING ${HBA}`))[0]?.[HBA];

/** A deployment by an administrator who can be shut out, and somebody else who writes once when a statement has passed. */
async function deployWhile(
  text: string,
  passes: (statements: readonly string[]) => boolean,
  foreign = FOREIGN,
): Promise<unknown> {
  await query(standIn.url, `RESET CLUSTER SETTING ${HBA}`);
  const wire = await wireTo(standIn.url.replace("root:root", "boss:pw"));
  let written = false;
  wire.onStatement(async (_number, _statement, when) => {
    if (written || when !== "after" || !passes(wire.statements)) return;
    written = true;
    await query(standIn.url, `SET CLUSTER SETTING ${HBA} = '${foreign}'`);
  });
  try {
    return await deploy(configured(hbaProvider(), wire.url), { product: "cockroachdb", text, guard: "off" });
  } finally {
    expect(written).toBe(true);
  }
}

/** The read after the write, whose answer still shows what was written, is over. */
function whileProved(statements: readonly string[]): boolean {
  const written = statements.findLastIndex((text) => text.startsWith(`SET CLUSTER SETTING ${HBA}`));
  return written !== -1 && statements.indexOf("COMMIT", written) === statements.length - 1;
}

it("rules that somebody else writes while ours are proved stay, when ours fail", async () => {
  await expect(deployWhile(LOCKING_OUT, whileProved, FOREIGN_AND_LOCKING_OUT)).rejects.toThrow(
    /do not let the administrator in any more .*; somebody else has written others meanwhile, which are left alone; /,
  );
  expect(await stored()).toBe(FOREIGN_AND_LOCKING_OUT);
});

it("rules that somebody else writes while ours are proved stay, and ours are no success", async () => {
  await expect(deployWhile(OURS, whileProved)).rejects.toThrow(
    /^somebody else has replaced the HBA rules of /,
  );
  expect(await stored()).toBe(FOREIGN);
});

it("a write that the cluster refuses leaves alone what somebody else has written meanwhile", async () => {
  refuses = true;
  const isWritten = (statements: readonly string[]) => statements.at(-1)?.startsWith("SET CLUSTER") === true;
  await expect(deployWhile(OURS, isWritten)).rejects.toThrow(/\[40001\]/);
  refuses = false;
  expect(await stored()).toBe(FOREIGN);
});

it("rules that somebody else writes between our look and our writing are looked at too, and kept for destroy", async () => {
  const state = (await deployWhile(OURS, (statements) => statements.at(-1) === "SHOW crdb_version")) as {
    previous: string;
  };
  expect(await stored()).toBe(OURS);
  expect(state.previous).toBe(FOREIGN);
});

it("the text is a parameter of its statement, which may be logged", async () => {
  const wire = await wireTo(standIn.url);
  await deploy(configured(hbaProvider(), wire.url), { product: "cockroachdb", text: `${OURS}, at last` });
  expect(wire.statements.filter((statement) => statement.includes("at last"))).toEqual([]);
  expect(wire.statements).toContain(`SET CLUSTER SETTING ${HBA} = $1`);
});
