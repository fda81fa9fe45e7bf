const SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  m: 60,
  min: 60,
  minute: 60,
  minutes: 60,
  h: 3600,
  hour: 3600,
  hours: 3600,
};

/** Interval text as people write it for a timeout (`10s`, `1m30s`, `5 seconds`, `00:00:10`), as an interval. */
export function parseDuration(text: string): string | undefined {
  const clock = /^(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(text);
  if (clock !== null) return format(Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3]));
  if (/^\d+(\.\d+)?$/.test(text)) return format(Number(text));
  if (!/^(\s*\d+(\.\d+)?\s*[a-z]+)+\s*$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, amount, unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const factor = SECONDS[unit];
    if (factor === undefined) return undefined;
    seconds += Number(amount) * factor;
  }
  return format(seconds);
}

function format(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const fraction = seconds % 1 === 0 ? "" : (seconds % 1).toFixed(3).slice(1).replace(/0+$/, "");
  return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}${fraction}`;
}
