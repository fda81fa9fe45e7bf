import type { Database, Product } from "../../database/contract/database";
import type { SettingReading } from "../../database/contract/settings";
import { isUserError, UserError } from "../../errors";
import { connector, isSameServer, requireProduct } from "../connection/connection";
import { connectionRule } from "../connection/connection-rule";
import { PRODUCT } from "../connection/product";
import {
  AS_GIVEN,
  type Fields,
  fieldFailures,
  readFields,
  type StateOf,
  secretFields,
  writeFields,
} from "../protocol/fields";
import {
  type CheckFailure,
  compact,
  hasUnknown,
  type Json,
  type Props,
  type Provider,
  warn,
  warnOnce,
} from "../protocol/wire";
import { withoutStacks } from "../protocol/without-stacks";
import { fieldsOf, fromServerValue, SETTINGS, type Setting, settingsOf, toServerValue } from "./table";

const ID = "settings";

/** What was found of a setting before it was ours: its value, or `null` when it was not set. */
type Previous = Readonly<Record<string, string | null>>;

/** Every argument of an AuthSettings beside the settings of its product (table.ts), and what is recorded of it. */
const FIELDS = {
  product: PRODUCT,
  connection: { ...AS_GIVEN, rule: connectionRule, secret: true },
  /** Only of the outputs. */
  previous: {
    read: (value) => (value ?? {}) as Previous,
    write: (value: Previous) => value,
  },
  /** Only of the outputs: the server that `previous` is of. */
  cluster: {
    read: (value) => (value ?? null) as string | null,
    write: (value: string | null) => value,
  },
} as const satisfies Fields;

interface SettingsState extends StateOf<typeof FIELDS> {
  /** By argument. */
  readonly values: Props;
}

/** What `new AuthSettings` does on each of the engine's calls. Only what is declared is read and written. */
export function settingsProvider(): Provider {
  const { configure, open, judged } = connector();
  return withoutStacks({
    configure,

    check: judged(async (_olds, news) => {
      const { __provider, ...args } = news;
      const failures = wrongArguments(args);
      if (failures.length === 0 && !hasUnknown(args.product) && !hasUnknown(args.connection))
        failures.push(...(await settingsTooNew(fromProps(args), open)));
      if (failures.length > 0) return { inputs: {}, failures };
      return { inputs: secretFields(FIELDS, args) };
    }),

    async diff(_id, olds, news) {
      // A server has one of each setting: the old resource puts back what was there before the new one takes over.
      return { deleteBeforeReplace: true, ...(olds.product !== news.product && { replaces: ["product"] }) };
    },

    async create(inputs) {
      const state = fromProps(inputs);
      const database = await open(state.connection);
      const previous = await apply(database, state);
      // By hand, or by an `up` that was interrupted before it could record what had been there.
      const kept = declaredSettings(state).filter(([argument, setting]) => {
        const before = previous[setting.name];
        return (
          before != null && isServerValue(setting, before, toServerValue(state.values[argument] as Json))
        );
      });
      if (kept.length > 0) {
        const names = kept.map(([, { name }]) => name).join(", ");
        warn(
          `these settings had their declared values already: ${names}; \`pulumi destroy\` will leave them so`,
        );
      }
      return { id: ID, outs: toProps({ ...state, previous, cluster: await database.cluster() }) };
    },

    async read(id, props) {
      const recorded = fromProps(props);
      const found = await readDeclared(await open(recorded.connection), recorded);
      const values = { ...recorded.values };
      for (const [argument, setting] of declaredSettings(recorded)) {
        const text = found.get(setting.name)?.value;
        if (text !== undefined) values[argument] = fromServerValue(setting, text);
      }
      const { previous, cluster, ...inputs } = toProps({ ...recorded, values });
      return { id, props: compact({ ...inputs, previous, cluster }), inputs };
    },

    async update(_id, olds, news) {
      const state = fromProps(news);
      const database = await open(state.connection);
      const cluster = await database.cluster();
      const recorded = fromProps(olds);
      // On another server nothing was there before us but what is there now.
      const before = isSameServer(recorded.cluster, cluster) ? recorded.previous : {};
      const declared = new Set(declaredSettings(state).map(([, { name }]) => name));
      const isDeclared = ([name]: [string, unknown]) => declared.has(name);
      const found = await apply(database, state);
      await restore(
        database,
        Object.fromEntries(Object.entries(before).filter((entry) => !isDeclared(entry))),
      );
      const previous = Object.fromEntries(Object.entries({ ...found, ...before }).filter(isDeclared));
      return { outs: toProps({ ...state, previous, cluster }) };
    },

    async delete(_id, props) {
      const { product, connection, previous, cluster } = fromProps(props);
      const database = await open(connection);
      if (database.product === product && isSameServer(cluster, await database.cluster()))
        await restore(database, previous);
      else warn(`${database.server} is not the server whose settings were managed; its own are left alone`);
    },
  });
}

function wrongArguments({ product, connection, ...values }: Props): CheckFailure[] {
  const own = fieldFailures("an AuthSettings", FIELDS, compact({ product, connection }));
  return isProduct(product)
    ? [...own, ...fieldFailures(`an AuthSettings of ${product}`, fieldsOf(product), values)]
    : own;
}

function isProduct(product: Json | undefined): product is Product {
  return typeof product === "string" && Object.hasOwn(SETTINGS, product);
}

/** Those that an older server lacks. Only where one is declared is the server asked: a preview works without it else. */
async function settingsTooNew(
  state: SettingsState,
  open: (connection: Json | undefined) => Promise<Database>,
): Promise<CheckFailure[]> {
  const dependent = declaredSettings(state).filter(([, { since }]) => since !== undefined);
  if (dependent.length === 0) return [];
  try {
    const database = await open(state.connection);
    if (database.product !== state.product) return [];
    const found = await database.settings.read(dependent.map(([, { name }]) => name));
    const missing = dependent.filter(([, { name }]) => !found.has(name));
    const isDone = ([argument, { without }]: (typeof missing)[number]) => state.values[argument] === without;
    for (const [argument, { name, since }] of missing.filter(isDone))
      warnOnce(
        `${argument}: ${database.server} has no setting ${name}, so there is nothing to set; before ${since}, with which it came, it does as declared`,
      );
    return missing
      .filter((setting) => !isDone(setting))
      .map(([argument, { name, since }]) => ({
        property: "",
        reason: `${argument}: ${database.server} has no setting ${name}, which came with version ${since}; leave it out`,
      }));
  } catch (error) {
    if (!isUserError(error)) throw error;
    warn(`the settings could not be compared with the server: ${error.message}`);
    return [];
  }
}

/** Writes what differs; answers what was there before, by the server's names. */
async function apply(database: Database, state: SettingsState): Promise<Previous> {
  requireProduct(database, state.product, "the settings");
  const found = await readDeclared(database, state);
  const previous: Record<string, string | null> = {};
  const toWrite = declaredSettings(state).filter(
    ([argument, { name, without }]) => found.has(name) || state.values[argument] !== without,
  );
  for (const [, setting] of toWrite) {
    const reading = found.get(setting.name);
    if (reading === undefined) {
      throw new UserError(
        "setting-unknown",
        `the server at ${database.server} has no setting ${setting.name}`,
        {
          hint: "the server may be too old or too new for it; leave the setting out",
        },
      );
    }
    previous[setting.name] = reading.isSet ? (reading.value ?? null) : null;
  }
  const written: Record<string, string | null> = {};
  try {
    for (const [argument, setting] of toWrite) {
      const wanted = toServerValue(state.values[argument] as Json);
      const { value, isSet } = found.get(setting.name) as SettingReading;
      // Set to what happens to be the default is not the same as unset: defaults change with versions.
      if (value !== undefined && isSet && isServerValue(setting, value, wanted)) continue;
      await database.settings.write(setting.name, wanted);
      written[setting.name] = previous[setting.name] ?? null;
    }
  } catch (error) {
    // All or nothing, for nothing is recorded of a create that fails.
    await restore(database, written);
    throw error;
  }
  return previous;
}

/** Whether the server's text means the wanted value. */
function isServerValue(setting: Setting, text: string, wanted: string): boolean {
  return toServerValue(fromServerValue(setting, text)) === wanted;
}

async function restore(database: Database, previous: Previous): Promise<void> {
  for (const [name, value] of Object.entries(previous))
    await database.settings.write(name, value ?? undefined);
}

function readDeclared(database: Database, state: SettingsState) {
  return database.settings.read(declaredSettings(state).map(([, { name }]) => name));
}

function declaredSettings({ product, values }: SettingsState) {
  return settingsOf(product).filter(([argument]) => values[argument] !== undefined);
}

function toProps({ values, ...own }: SettingsState): Props {
  return { ...writeFields(FIELDS, own), ...values };
}

function fromProps({ __provider, ...props }: Props): SettingsState {
  const values = Object.entries(props).filter(([name]) => !Object.hasOwn(FIELDS, name));
  return { ...readFields(FIELDS, props), values: Object.fromEntries(values) };
}
