import {
  type CheckFailure,
  hasUnknown,
  type Json,
  type Props,
  type Provider,
  UNKNOWN,
} from "./protocol/wire";
import { withoutStacks } from "./protocol/without-stacks";

const ID = "rotation";

/**
 * What `AlternatingUsers` has to remember: how many rotations there were, from which follows whose turn it is. It is counted in
 * `check`, so that a preview knows it. No server is asked.
 */
export function rotationProvider(): Provider {
  return withoutStacks({
    configure() {},

    async check(olds, { __provider, ...news }) {
      const failures = [...wrongArguments(news)];
      if (failures.length > 0) return { inputs: {}, failures };
      return { inputs: { ...news, __provider: __provider ?? null, turn: turnOf(olds, news) } };
    },

    async diff() {
      return {};
    },

    async create(inputs) {
      return { id: ID, outs: inputs };
    },

    async read(id, props) {
      return { id, props, inputs: props };
    },

    async update(_id, _olds, news) {
      return { outs: news };
    },

    async delete() {},
  });
}

function* wrongArguments({ rotation }: Props): Generator<CheckFailure> {
  if (rotation === undefined || rotation === null) {
    yield {
      property: "",
      reason: "rotation is missing; it is a number or a text, and a change of it is a rotation",
    };
  } else if (!["string", "number"].includes(typeof rotation)) {
    yield { property: "", reason: "rotation must be a number or a text" };
  }
}

/** The first is 1. Any other value is a rotation, one that is smaller too: what has been current must not be changed in place. */
function turnOf(olds: Props, { rotation }: Props): Json {
  if (hasUnknown(rotation)) return UNKNOWN;
  if (typeof olds.turn !== "number") return 1;
  return rotation === olds.rotation ? olds.turn : olds.turn + 1;
}
