import { randomUUID } from "node:crypto";
import { isUserError } from "../../errors";
import { connector } from "../connection/connection";
import { type Json, type Props, type Provider, UNKNOWN, unwrapSecrets, warnOnce } from "../protocol/wire";
import { withoutStacks } from "../protocol/without-stacks";
import { checkOnServer, foretellTakeover } from "../user/check/check-on-server";
import { Deployment } from "../user/ownership/deployment";
import { readUser } from "../user/read";
import type { UserState } from "../user/state";
import { applyUsers } from "./apply";
import { ofUser } from "./arguments";
import { checkSet } from "./check";
import { failure, INCOMPLETE, incomplete, notAllDeleted } from "./failure";
import { seenAtRefresh } from "./seen-hashes";
import { entriesIn, type SetState, setFromProps, setToInputs, setToProps, userProps } from "./state";

/**
 * What `new ScramUserSet` does on each of the engine's calls.
 *
 * @param seen shared by all that serve one deployment
 */
export function userSetProvider(seen = new Deployment()): Provider {
  const connection = connector();

  /** Before anything is written; `undefined` where it cannot be known. */
  async function storedHash(own: Json | undefined, name: string): Promise<string | null | undefined> {
    try {
      const role = await (await connection.open(own)).findRole(name);
      if (role === undefined) return null;
      return role.storedHash.readable ? role.storedHash.hash : undefined;
    } catch (error) {
      if (!isUserError(error)) throw error;
      warnOnce(`which passwords the server has seen before could not be found out: ${error.message}`);
      return undefined;
    }
  }

  /** @param recorded what there was before; `undefined` for a new set */
  async function apply(id: string, recorded: SetState | undefined, inputs: Props): Promise<Props> {
    const wanted = setFromProps(inputs);
    const database = await connection.open(wanted.connection);
    const applied = await applyUsers(database, seen, recorded?.users ?? new Map(), wanted.users);
    const outs = setToProps({ ...wanted, users: applied.users });
    if (applied.failures.size > 0) throw failure(id, applied, outs, inputs.__provider);
    return outs;
  }

  return withoutStacks({
    configure: connection.configure,

    check: connection.judged(async (olds, news) => {
      const checked = await checkSet(olds, news, (name) => storedHash(news.connection, name));
      if (checked.failures !== undefined) return checked;
      const inputs = unwrapSecrets(checked.inputs);
      const known = Object.entries(entriesIn(inputs.users)).filter(([, entry]) => entry !== UNKNOWN);
      const failures = await Promise.all(
        known.map(async ([name, entry]) => {
          const user = userProps(name, entry as Props, inputs);
          const isNew = !Object.hasOwn(entriesIn(olds.users), name);
          const ofServer = await checkOnServer(user, isNew, connection.open);
          return [...seen.declare(user, news.owner), ...ofServer].map((failure) => ofUser(name, failure));
        }),
      );
      const wrong = failures.flat();
      return wrong.length > 0 ? { inputs: {}, failures: wrong } : checked;
    }),

    // Which users differ, and in what, the engine finds by itself.
    async diff(_id, olds, news) {
      const inputs = unwrapSecrets(news);
      const declared = entriesIn(inputs.users);
      const kept = [...setFromProps(olds).users].filter(([name]) => Object.hasOwn(declared, name));
      for (const [, user] of kept) seen.keep(user);
      await Promise.all(
        kept.map(([name, user]) =>
          foretellTakeover(user, userProps(name, entriesIn(declared[name]), inputs), connection.open),
        ),
      );
      return {};
    },

    async create(inputs) {
      const id = randomUUID();
      return { id, outs: await apply(id, undefined, inputs) };
    },

    async read(id, props) {
      if (props[INCOMPLETE] === true) throw incomplete();
      const recorded = setFromProps(props);
      const database = await connection.open(recorded.connection);
      const found = await Promise.all([...recorded.users.values()].map((user) => readUser(database, user)));
      const users = new Map(
        found.flatMap((user) => (user === undefined ? [] : [[user.username, user] as [string, UserState]])),
      );
      const state = { ...recorded, users, seen: seenAtRefresh(recorded, users) };
      return { id, props: setToProps(state), inputs: setToInputs(state) };
    },

    async update(id, olds, news) {
      return { outs: await apply(id, setFromProps(olds), news) };
    },

    async delete(_id, props) {
      const recorded = setFromProps(props);
      const database = await connection.open(recorded.connection);
      const { failures, done } = await applyUsers(database, seen, recorded.users, new Map());
      if (failures.size > 0) throw notAllDeleted(failures, done);
    },
  });
}
