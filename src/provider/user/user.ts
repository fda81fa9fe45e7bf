import { connector } from "../connection/connection";
import { isSameName } from "../connection/names";
import { type Provider, unwrapSecrets } from "../protocol/wire";
import { withoutStacks } from "../protocol/without-stacks";
import { checkUser } from "./check/check";
import { checkOnServer, foretellTakeover } from "./check/check-on-server";
import { Deployment } from "./ownership/deployment";
import { readUser } from "./read";
import { deleteUser, updateUser } from "./reconcile/apply";
import { createUser } from "./reconcile/create";
import { warnOfMissingNewOwner } from "./reconcile/new-owner";
import { fromProps, toInputs, toProps, type UserState } from "./state";

/**
 * What `new ScramUser` does on each of the engine's calls.
 *
 * @param seen shared by all that serve one deployment
 */
export function userProvider(seen = new Deployment()): Provider {
  const connection = connector();
  const open = (state: UserState) => connection.open(state.connection);

  return withoutStacks({
    configure: connection.configure,

    check: connection.judged(async (olds, news) => {
      const checked = await checkUser(olds, news);
      if (checked.failures !== undefined) return checked;
      const inputs = unwrapSecrets(checked.inputs);
      const isNew = Object.keys(olds).length === 0;
      const failures = [
        ...seen.declare(inputs, news.owner),
        ...(await checkOnServer(inputs, isNew, connection.open)),
      ];
      return failures.length > 0 ? { inputs: {}, failures } : checked;
    }),

    async diff(_id, olds, news) {
      const recorded = fromProps(olds);
      seen.keep(recorded);
      // PostgreSQL renames in place; for CockroachDB another name is another role.
      const isRenamed =
        recorded.identity?.product === "cockroachdb" &&
        !isSameName("cockroachdb", recorded.username, fromProps(news).username);
      // What replaces it is checked as a new one.
      if (isRenamed) return { replaces: ["username"] };
      await foretellTakeover(recorded, news, connection.open);
      return {};
    },

    async create(inputs) {
      const state = fromProps(inputs);
      const database = await open(state);
      const created = await createUser(database, seen, state);
      await warnOfMissingNewOwner(database, state);
      return { id: database.roleId(state.username), outs: toProps(created) };
    },

    async read(id, props) {
      const recorded = fromProps(props);
      const found = await readUser(await open(recorded), recorded);
      // An empty id tells the engine that the resource is gone.
      if (found === undefined) return { id: "", props: {}, inputs: {} };
      return { id, props: toProps(found), inputs: toInputs(found) };
    },

    async update(_id, olds, news) {
      const state = fromProps(news);
      const database = await open(state);
      const updated = await updateUser(database, seen, fromProps(olds), state);
      await warnOfMissingNewOwner(database, state);
      return { outs: toProps(updated) };
    },

    async delete(_id, props) {
      const recorded = fromProps(props);
      await deleteUser(await open(recorded), seen, recorded);
    },
  });
}
