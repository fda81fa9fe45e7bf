import { holdsSecret, parseHbaLeniently } from "../../hba";
import { connector, isSameServer } from "../connection/connection";
import { type Provider, unwrapSecrets, warn } from "../protocol/wire";
import { withoutStacks } from "../protocol/without-stacks";
import { apply, restore } from "./apply";
import { checkHba } from "./check";
import { keyLines, textOfLines } from "./lines";
import { tellEffects } from "./preview";
import { fromProps, toProps } from "./state";

/** A server has one authentication configuration, so any constant will do as its id. */
const ID = "hba";

/** What `new HbaConfig` does on each of the engine's calls. */
export function hbaProvider(): Provider {
  const { configure, open, judged } = connector();
  return withoutStacks({
    configure,

    check: judged(async (olds, news) => {
      const checked = checkHba(olds, news);
      if (checked.inputs !== undefined && checked.failures === undefined)
        await tellEffects(olds, unwrapSecrets(checked.inputs), open);
      return checked;
    }),

    async diff(_id, olds, news) {
      // A server has one set of rules: the old resource puts back what was there before the new one takes over.
      return { deleteBeforeReplace: true, ...(olds.product !== news.product && { replaces: ["product"] }) };
    },

    async create(inputs) {
      const state = fromProps(inputs);
      const { changed, ...found } = await apply(await open(state.connection), state);
      // By hand, or by an `up` that was interrupted before it could record what had been there.
      if (!changed)
        warn("these HBA rules were on the server already; `pulumi destroy` will leave them there");
      return { id: ID, outs: toProps({ ...state, ...found }) };
    },

    async read(id, props) {
      const { previous, cluster, ...recorded } = fromProps(props);
      const { text } = await (await open(recorded.connection)).hba.read();
      const found =
        text === undefined
          ? recorded
          : {
              ...recorded,
              rules: keyLines(recorded.rules, text),
              secretRules: recorded.secretRules || holdsSecret(parseHbaLeniently(text, recorded.product)),
            };
      const inputs = { ...found, previous: undefined, cluster: undefined };
      return { id, props: toProps({ ...found, previous, cluster }), inputs: toProps(inputs) };
    },

    async update(_id, olds, news) {
      const state = fromProps(news);
      const { previous, cluster, rules } = fromProps(olds);
      const database = await open(state.connection);
      const isSame = isSameServer(cluster, await database.cluster());
      const { changed, ...found } = await apply(database, state, isSame ? textOfLines(rules) : undefined);
      // What was there before us counts, not an earlier state of ours; on another server, what was there.
      const before = previous !== undefined && isSame ? { previous, cluster: found.cluster } : found;
      return { outs: toProps({ ...state, ...before }) };
    },

    async delete(_id, props) {
      const { product, onDelete, previous = null, cluster, connection, rules } = fromProps(props);
      const database = await open(connection);
      if (onDelete === "retain") return;
      if (database.product !== product || !isSameServer(cluster, await database.cluster())) {
        warn(`${database.server} is not the server whose HBA rules were managed; its own are left alone`);
      } else await restore(database, onDelete === "reset" ? null : previous, textOfLines(rules));
    },
  });
}
