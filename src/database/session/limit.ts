/** Runs at most `most` operations at a time; the others wait their turn. */
export function limit(most: number): <T>(operation: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (operation) => {
    if (running === most) await new Promise<void>((proceed) => waiting.push(proceed));
    else running++;
    try {
      return await operation();
    } finally {
      // The place goes to the next in line; it is free only when nobody waits.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
