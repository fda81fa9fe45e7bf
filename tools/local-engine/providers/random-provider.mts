import { drawn, settled } from "../../random/draw.mts";
import { diffMaps } from "../object-diff.mts";
import { type PropertyMap, secret, stripMap, UNKNOWN } from "../value.mts";
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
  const type = urn.split("::")[2] ?? "";
  const args = stripMap(inputs);
  const values = Object.entries(drawn(type, args)).map(([name, value]) => [
    name,
    secret(preview ? UNKNOWN : value),
  ]);
  return { ...(settled(type, args) as PropertyMap), ...inputs, ...Object.fromEntries(values) };
}
