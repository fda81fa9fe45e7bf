/** Pseudo-random whole numbers below a bound, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** What means something somewhere in a SCRAM message, or to whoever reads text. */
const PIECES = [
  ..."anmrcsipvexX,= \0\n0-9+/",
  ",,",
  "==",
  "=2C",
  "=3D",
  "=2c",
  ",x=y",
  ",m=x",
  ",p=",
  "a=admin",
  "y,,",
  "p=tls-unique",
  "p=tls-server-end-point",
  "e=other-error",
  "e=__proto__",
  "i=0",
  "99999999999999999999",
  "NaN",
  "\u00e4",
  "\ufeff",
  "\u2028",
  "\u{1f511}",
  "AAAA",
  "x".repeat(5_000),
].map((text) => Buffer.from(text));

/** Octets that are no UTF-8 on their own. */
const BROKEN = [[0xff], [0xc0, 0xac], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0x80]].map((octets) =>
  Buffer.from(octets),
);

/** The message with one to three things done to it: cut, doubled, turned, put in, put in another's place. */
export function mutate(message: Buffer, random: (below: number) => number): Buffer {
  let mutant = message;
  for (let left = 1 + random(3); left > 0; left--) mutant = mutateOnce(mutant, random);
  return mutant;
}

function mutateOnce(message: Buffer, random: (below: number) => number): Buffer {
  const at = random(message.length + 1);
  const end = at + random(Math.min(message.length - at, 24) + 1);
  const [before, part, after] = [message.subarray(0, at), message.subarray(at, end), message.subarray(end)];
  switch (random(7)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, part, part, after]);
    case 3:
      return Buffer.concat([before, Buffer.from(part.map((octet) => octet ^ (1 << random(7)))), after]);
    case 4:
      return Buffer.concat([before, pick(random(4) === 0 ? BROKEN : PIECES, random), part, after]);
    case 5:
      return swapAttributes(message, random);
    default:
      return Buffer.concat([before, pick(PIECES, random), after]);
  }
}

function swapAttributes(message: Buffer, random: (below: number) => number): Buffer {
  const attributes = message.toString("latin1").split(",");
  const [i, j] = [random(attributes.length), random(attributes.length)];
  [attributes[i], attributes[j]] = [attributes[j] ?? "", attributes[i] ?? ""];
  return Buffer.from(attributes.join(","), "latin1");
}

function pick(pieces: readonly Buffer[], random: (below: number) => number): Buffer {
  return pieces[random(pieces.length)] ?? Buffer.alloc(0);
}
