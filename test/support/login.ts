import { Client } from "../../src/database/connection/client";
import { firstWay } from "../../src/database/connection/connect";
import type { ConnectionSettings } from "../../src/database/connection/parameters/settings";
import { resolveTarget } from "../../src/database/connection/parameters/target";
import { UserError } from "../../src/scram";

/** Logs in as a connection says and hangs up: `"in"`, or the code of why not. */
export async function loginAs(settings: ConnectionSettings): Promise<string> {
  const target = resolveTarget(settings);
  const [host] = target.hosts;
  if (host === undefined) throw new Error("a target has a host");
  try {
    await firstWay(target, host, async (config) => {
      const client = new Client(config);
      await client.connect();
      await client.end();
    });
    return "in";
  } catch (error) {
    if (error instanceof UserError || typeof (error as { code?: unknown }).code === "string")
      return (error as { code: string }).code;
    return (error as Error).message;
  }
}
