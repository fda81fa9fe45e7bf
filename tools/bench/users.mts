import { live, PHASES, type Times } from "./lifecycle.mts";
import type { Memory } from "./memory.mts";
import type { Options } from "./options.mts";
import { megabytes, row, seconds, text, times, title, whole } from "./print.mts";
import { startFreshProvider } from "./provider.mts";
import { SHAPES, type Shape } from "./resources.mts";
import { SERVERS, type ServerKind } from "./servers.mts";

const ROTATED = 10;

interface Measured {
  readonly shape: Shape;
  readonly times: Times;
  readonly idle: Memory;
  readonly end: Memory;
}

/** The same users as single resources and as a set, on each of the servers. */
export async function benchUsers(options: Options, interrupted: AbortSignal): Promise<void> {
  for (const kind of SERVERS) {
    const server = await kind.start();
    try {
      interrupted.throwIfAborted();
      await benchOn(kind, server.url, options, interrupted);
    } finally {
      await server.stop();
    }
  }
}

async function benchOn(
  { name, note }: ServerKind,
  url: string,
  options: Options,
  interrupted: AbortSignal,
): Promise<void> {
  const { users, oneByOne } = options;
  title(`${whole(users)} users on ${name}`);
  text(`Written: ${note}.`);
  row("seconds", ["check", "create", "again", `rotate ${ROTATED}`, "delete"]);
  const all: Measured[] = [];
  for (const shape of SHAPES) {
    const measured = await measure(shape, url, options, interrupted);
    row(
      shape.name + (shape.scaled && oneByOne < users ? " *" : ""),
      PHASES.map((phase) => seconds(measured.times[phase])),
    );
    all.push(measured);
  }
  const [first, ...others] = all;
  if (first === undefined) return;
  row("times as fast", []);
  for (const { shape, times: own } of others) {
    row(
      shape.name,
      PHASES.map((phase) => times(first.times[phase] / own[phase])),
    );
  }
  row("memory of provider, MB", ["idle", "peak", "at end"]);
  for (const { shape, idle, end } of all) {
    row(shape.name, [megabytes(idle.now), megabytes(end.peak), megabytes(end.now)]);
  }
  if (oneByOne < users) {
    text(
      `* Measured with ${whole(oneByOne)} users; the times, but for rotate ${ROTATED}, are multiplied by ${users / oneByOne}.`,
    );
  }
}

/** In a provider process of its own. */
async function measure(
  shape: Shape,
  url: string,
  { users, oneByOne }: Options,
  interrupted: AbortSignal,
): Promise<Measured> {
  const count = shape.scaled ? oneByOne : users;
  const { provider, memory } = await startFreshProvider(url);
  const stop = () => void provider.close();
  interrupted.addEventListener("abort", stop);
  try {
    const idle = memory();
    const options = { inFlight: shape.inFlight, interrupted };
    // What comes once, however many users: loading our code, connecting, asking the server what it is.
    await live(provider, shape.declare(1, 0), shape.declare(1, 1), options);
    const found = await live(provider, shape.declare(count, 0), shape.declare(count, ROTATED), options);
    const scaled = PHASES.map((phase) => [
      phase,
      phase === "rotate" ? found[phase] : (found[phase] * users) / count,
    ]);
    return { shape, idle, times: Object.fromEntries(scaled), end: memory() };
  } finally {
    interrupted.removeEventListener("abort", stop);
    await provider.close();
  }
}
