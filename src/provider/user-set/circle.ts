/**
 * Members that are their own groups, by way of others: `["a", "b", "a"]`. Servers refuse it in words that do not help, for one of
 * them is not there yet.
 *
 * @param groups whose direct member each is
 */
export function findCircle(groups: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const cleared = new Set<string>();
  const walk = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (cleared.has(name)) return undefined;
    for (const group of groups.get(name) ?? []) {
      const circle = walk(group, [...path, name]);
      if (circle !== undefined) return circle;
    }
    cleared.add(name);
    return undefined;
  };
  for (const name of groups.keys()) {
    const circle = walk(name, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
