import { createHash } from "node:crypto";
import { saslprep } from "../../src/scram/saslprep";

/** A secret that is to turn up nowhere, and what to call it instead. */
export interface Canary {
  readonly label: string;
  readonly secret: string;
}

export type Place = readonly [name: string, content: string | Uint8Array];

/** Where something was found; without the secret, so that it may be printed. */
export interface Hit {
  readonly place: string;
  readonly canary: string;
  readonly form: string;
}

export interface Search {
  readonly hits: readonly Hit[];
  readonly places: number;
  readonly bytes: number;
  readonly canaries: number;
  readonly forms: number;
}

type Form = (text: string) => readonly (string | Buffer)[];

/** The ways in which a text may stand in a file, in output or on the wire; beside these, percent-encoded. */
const SPELLED: Readonly<Record<string, Form>> = {
  plaintext: (text) => [text],
  JSON: (text) => [json(text), json(json(text)), asciiOnly(json(text)), json(asciiOnly(json(text)))],
  "SQL literal": (text) => [text.replaceAll("'", "''"), text.replaceAll(/['\\]/g, "$&$&")],
  "JavaScript literal": (text) => [text.replaceAll(/['\\]/g, "\\$&"), text.replaceAll(/[`\\]/g, "\\$&")],
  base64: (text) => [0, 1, 2].map((offset) => base64Core(Buffer.from(text), offset)),
  base64url: (text) =>
    [0, 1, 2].map((offset) =>
      base64Core(Buffer.from(text), offset).replaceAll("+", "-").replaceAll("/", "_"),
    ),
  hex: (text) => {
    const hex = Buffer.from(text).toString("hex");
    // As Node prints a Buffer, too.
    return [hex, hex.toUpperCase(), hex.replaceAll(/..(?!$)/g, "$& ")];
  },
  "byte by byte": (text) => [[...Buffer.from(text)].join(","), [...Buffer.from(text)].join(", ")],
  "UTF-16LE": (text) => [Buffer.from(text, "utf16le")],
  // Nothing to guess against, without a salt.
  digest: (text) =>
    ["md5", "sha1", "sha256"].flatMap((algorithm) =>
      (["hex", "base64"] as const).map((encoding) => createHash(algorithm).update(text).digest(encoding)),
    ),
};

/** Every encoder spares other characters: instead of spelling a text in each of their ways, places are decoded. */
const PERCENT = "percent-encoding";
const DECODED: Form = (text) => [text, text.replaceAll(" ", "+")];

export const FORMS: readonly string[] = [...Object.keys(SPELLED), PERCENT];

/** Looks for every canary, as it is and as SASLprep makes it, in every form. */
export function searchLeaks(canaries: readonly Canary[], places: Iterable<Place>): Search {
  const spelled = canaries.flatMap((canary) => needlesOf(canary, SPELLED));
  const decoded = canaries.flatMap((canary) => needlesOf(canary, { [PERCENT]: DECODED }));
  const hits = new Map<string, Hit>();
  let [count, bytes] = [0, 0];
  for (const [place, content] of places) {
    const haystack = Buffer.from(content as string);
    count++;
    bytes += haystack.length;
    for (const [text, needles] of [
      [haystack, spelled],
      [percentDecoded(haystack), decoded],
    ] as const) {
      for (const { canary, form, needle } of needles) {
        // A form may have several spellings.
        if (text?.includes(needle)) hits.set([place, canary, form].join("\0"), { place, canary, form });
      }
    }
  }
  return { hits: [...hits.values()], places: count, bytes, canaries: canaries.length, forms: FORMS.length };
}

/** What a search went through, in one line. */
export function describeSearch({ hits, places, bytes, canaries, forms }: Search): string {
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  return `${hits.length} hits in ${places} places of ${size}, for ${canaries} canaries in ${forms} forms each`;
}

interface Needle extends Omit<Hit, "place"> {
  readonly needle: Buffer;
}

function needlesOf({ label, secret }: Canary, forms: Readonly<Record<string, Form>>): Needle[] {
  const texts = { "": secret, "SASLprep, ": saslprep(secret).prepared };
  const seen = new Set<string>();
  return Object.entries(texts).flatMap(([prefix, text]) =>
    Object.entries(forms).flatMap(([form, spell]) =>
      spell(text).flatMap((spelling) => {
        const needle = Buffer.from(spelling as string);
        const key = needle.toString("latin1");
        if (seen.has(key)) return [];
        seen.add(key);
        return [{ canary: label, form: `${prefix}${form}`, needle }];
      }),
    ),
  );
}

function json(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function asciiOnly(text: string): string {
  return text.replaceAll(/[^ -~]/g, (unit) => unit.split("").map(escapeUnit).join(""));
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** `undefined` where nothing is encoded: then it is the text itself. */
function percentDecoded(text: Buffer): Buffer | undefined {
  if (!text.includes("%")) return undefined;
  const decoded = text
    .toString("latin1")
    .replaceAll(/%([0-9a-f]{2})/gi, (_code, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(decoded, "latin1");
}

/** What is the same whatever stands around the text: the characters all of whose six bits are the text's own. */
function base64Core(text: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), text]).toString("base64");
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor(((offset + text.length) * 8) / 6);
  return encoded.slice(first, last);
}
