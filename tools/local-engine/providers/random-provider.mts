import { randomBytes, randomInt } from "node:crypto";
import { diffMaps } from "../object-diff.mts";
import { type PropertyMap, secret, stripMap, UNKNOWN, type Value } from "../value.mts";
import type { Provider } from "./provider.mts";

export const RANDOM_TYPES = [
  "random:index/randomPassword:RandomPassword",
  "random:index/randomBytes:RandomBytes",
];

/** RandomPassword and RandomBytes of @pulumi/random: drawn once, replaced when any input changes. */
export const randomProvider: Provider = {
  supportsPreview: true,
  close: async () => {},
  check: async (_urn, _olds, news) => ({ inputs: news, failures: [] }),
  diff: async (recorded, news) => ({
    changes: "unknown",
    replaces: [...diffMaps(recorded.inputs, news).keys()],
    deleteBeforeReplace: false,
  }),
  create: async (urn, inputs, preview) => ({ id: "none", outputs: draw(urn, inputs, preview) }),
  update: async (recorded) => ({ outputs: recorded.outputs }),
  read: async ({ id, outputs, inputs }) => ({ id, outputs, inputs }),
  delete: async () => {},
};

function draw(urn: string, inputs: PropertyMap, preview: boolean): PropertyMap {
  const args = stripMap(inputs);
  const kept = (value: () => Value) => secret(preview ? UNKNOWN : value());
  if (urn.split("::")[2]?.endsWith("RandomBytes")) {
    const bytes = randomBytes(preview ? 0 : Number(args.length));
    return {
      ...inputs,
      base64: kept(() => bytes.toString("base64")),
      hex: kept(() => bytes.toString("hex")),
    };
  }
  const settings = passwordSettings(args);
  return { ...settings, ...inputs, result: kept(() => drawPassword(settings)) };
}

const CLASSES = {
  lower: "abcdefghijklmnopqrstuvwxyz",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  numeric: "0123456789",
  special: "!@#$%&*()-_=+[]{}<>:?",
} as const;
type CharacterClass = keyof typeof CLASSES;
const CLASS_NAMES = Object.keys(CLASSES) as CharacterClass[];
const minimumOf = (name: CharacterClass) => `min${name.charAt(0).toUpperCase()}${name.slice(1)}`;

function passwordSettings(args: PropertyMap): PropertyMap {
  const settings: Record<string, Value> = { length: Number(args.length) };
  for (const name of CLASS_NAMES) {
    settings[name] = args[name] ?? true;
    settings[minimumOf(name)] = Number(args[minimumOf(name)] ?? 0);
  }
  settings.number = settings.numeric ?? true;
  return typeof args.overrideSpecial === "string"
    ? { ...settings, overrideSpecial: args.overrideSpecial }
    : settings;
}

/** The required characters of each class, the rest from all classes, then shuffled: `randomInt` has no modulo bias. */
function drawPassword(settings: PropertyMap): string {
  const alphabet = (name: CharacterClass) =>
    name === "special" && settings.overrideSpecial ? String(settings.overrideSpecial) : CLASSES[name];
  const pick = (characters: string) => characters.charAt(randomInt(characters.length));
  const characters = CLASS_NAMES.flatMap((name) =>
    Array.from({ length: Number(settings[minimumOf(name)]) }, () => pick(alphabet(name))),
  );
  const all = CLASS_NAMES.filter((name) => settings[name] === true)
    .map(alphabet)
    .join("");
  const missing = Number(settings.length) - characters.length;
  if (missing < 0) throw new Error("the minimum numbers of characters add up to more than `length`");
  if (all === "") throw new Error("RandomPassword needs at least one class of characters");
  for (let count = 0; count < missing; count++) characters.push(pick(all));
  for (let last = characters.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [characters[last], characters[other]] = [characters[other] ?? "", characters[last] ?? ""];
  }
  return characters.join("");
}
