/** RandomPassword and RandomBytes of @pulumi/random, as far as our programs use them. */
import { randomBytes, randomInt } from "node:crypto";

export type Arguments = Readonly<Record<string, unknown>>;

const CLASSES = {
  lower: "abcdefghijklmnopqrstuvwxyz",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  numeric: "0123456789",
  special: "!@#$%&*()-_=+[]{}<>:?",
} as const;
type CharacterClass = keyof typeof CLASSES;
const CLASS_NAMES = Object.keys(CLASSES) as CharacterClass[];
const minimumOf = (name: CharacterClass) => `min${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** What of a resource is secret, or known only once it is drawn. */
export function drawn(type: string, args: Arguments): Record<string, string> {
  if (!type.endsWith(":RandomBytes")) return { result: drawPassword(passwordSettings(args)) };
  const bytes = randomBytes(Number(args.length));
  return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
}

/** What of a resource is its arguments with the defaults filled in. */
export function settled(type: string, args: Arguments): Record<string, unknown> {
  return type.endsWith(":RandomBytes") ? { ...args } : { ...passwordSettings(args), ...args };
}

function passwordSettings(args: Arguments): Record<string, unknown> {
  const settings: Record<string, unknown> = { length: Number(args.length) };
  for (const name of CLASS_NAMES) {
    settings[name] = args[name] ?? true;
    settings[minimumOf(name)] = Number(args[minimumOf(name)] ?? 0);
  }
  settings.number = settings.numeric;
  return typeof args.overrideSpecial === "string"
    ? { ...settings, overrideSpecial: args.overrideSpecial }
    : settings;
}

/** The required characters of each class, the rest from all classes, then shuffled: `randomInt` has no modulo bias. */
function drawPassword(settings: Arguments): string {
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
