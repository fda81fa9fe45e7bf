import type { ObjectDiff } from "./object-diff.mts";
import { isMap, type PropertyMap } from "./value.mts";

/** Paths of the options `ignoreChanges` and `replaceOnChanges`: `key`, `key.member`, or `*` for everything. */
const segmentsOf = (path: string): string[] => path.split(".");

/**
 * Takes the old value of every ignored path. A path the old inputs do not have is deleted from the new ones: so a
 * property that `check` transforms away does not reach the next `check` at all.
 */
export function ignoreChanges(news: PropertyMap, olds: PropertyMap, paths: readonly string[]): PropertyMap {
  if (paths.includes("*")) return olds;
  return paths.reduce((map, path) => restore(map, olds, segmentsOf(path)), news);
}

function restore(news: PropertyMap, olds: PropertyMap, [key = "", ...rest]: string[]): PropertyMap {
  const { [key]: now, ...others } = news;
  const was = olds[key];
  if (rest.length > 0 && isMap(now) && isMap(was)) return { ...others, [key]: restore(now, was, rest) };
  if (was === undefined) return rest.length > 0 && now !== undefined ? news : others;
  return { ...others, [key]: was };
}

/** Whether a change lies at, above or below the path. */
export function touches(diff: ObjectDiff, path: string): boolean {
  return path === "*" ? diff.size > 0 : reaches(diff, segmentsOf(path));
}

function reaches(diff: ObjectDiff, [key = "", ...rest]: string[]): boolean {
  const difference = diff.get(key);
  if (!difference) return false;
  if (rest.length === 0 || difference.kind !== "update" || !difference.members) return true;
  return reaches(difference.members, rest);
}
