import { randomUUID } from "node:crypto";
import { settingsProvider } from "../../src/provider/auth-settings/auth-settings";
import { hbaProvider } from "../../src/provider/hba/hba";
import type { Props, Provider } from "../../src/provider/protocol/wire";
import { userProvider } from "../../src/provider/user/user";
import { userSetProvider } from "../../src/provider/user-set/user-set";
import { cli } from "./cli";
import { check, configured, deploy, inputsOf } from "./engine-side";

/** Something that is done with a server; resolves with what a user reads of its failure, and with nothing when all went well. */
export type Operation = (url: string) => Promise<string | undefined>;

/** For the command that compares rules. */
const NEW_RULES = "host all all all scram-sha-256\n";

/** The commands that ask a server. */
export const COMMANDS = {
  probe: command("probe"),
  users: command("users", "--url"),
  userlist: command("userlist", "--url"),
  "hba lint": command("hba", "lint", "--url"),
  "hba explain": command("hba", "explain", "--user", "app", "--address", "10.2.3.4", "--url"),
  "hba diff": command("hba", "diff", "--fail-on", "never", "-", "--url"),
} satisfies Record<string, Operation>;

function command(...args: string[]): Operation {
  return async (url) => {
    const { err } = await cli([...args, url], { input: NEW_RULES });
    const said = err.replaceAll(/^warning: .*\n(?: {4}.*\n)*/gm, "");
    return said === "" ? undefined : said.replace(/^pulumi-scram: /, "").replace(/\n$/, "");
  };
}

/** What the engine has a provider do. What must be there first is made on the server itself. */
export function providerOperations(server: () => string): Record<string, Operation> {
  // Others each time, so that there is something to write.
  const hba = (): Props => ({
    product: "postgresql",
    text: `# ${randomUUID()}\nhost all all all scram-sha-256\n`,
  });
  let md5 = false;
  const settings = (): Props => {
    md5 = !md5;
    return { product: "postgresql", passwordEncryption: md5 ? "md5" : "scram-sha-256" };
  };
  const user = (): Props => ({ username: `user_${randomUUID().slice(0, 8)}`, password: "Pw-of-a-user" });
  const made = async (provider: Provider, args: Props) => deploy(configured(provider, server()), args);
  return {
    "create of a user": async (url) => done(deploy(configured(userProvider(), url), user())),
    "read of a user": async (url) => {
      const state = await made(userProvider(), user());
      return done(configured(userProvider(), url).read(String(state.username), state));
    },
    "update of a user": async (url) => {
      const state = await made(userProvider(), user());
      const provider = configured(userProvider(), url);
      const news = await check(provider, inputsOf(state), {
        ...user(),
        username: state.username ?? "",
        createDb: true,
      });
      return done(provider.update(String(state.username), state, news));
    },
    "delete of a user": async (url) => {
      const state = await made(userProvider(), user());
      return done(configured(userProvider(), url).delete(String(state.username), state));
    },
    "create of a set": async (url) => {
      const users = { [`a_${randomUUID().slice(0, 8)}`]: { password: "Pw-of-a-user" } };
      return done(deploy(configured(userSetProvider(), url), { users }));
    },
    "create of HBA rules": async (url) => {
      const inputs = await check(configured(hbaProvider(), server()), {}, hba());
      return done(configured(hbaProvider(), url).create(inputs));
    },
    "read of HBA rules": async (url) => {
      const inputs = await check(configured(hbaProvider(), server()), {}, hba());
      return done(configured(hbaProvider(), url).read("hba", inputs));
    },
    "create of settings": async (url) => done(deploy(configured(settingsProvider(), url), settings())),
  };
}

async function done(work: Promise<unknown>): Promise<undefined> {
  await work;
}
