import type * as pulumi from "@pulumi/pulumi";

/**
 * Under `ignoreChanges` the engine takes a password out of the arguments, as if the program had given none. So that a
 * password that is really missing is not taken for one to keep, the provider is told which it is.
 *
 * @returns what to add to the arguments of the user whose password is at that path
 */
export function keepsPassword(
  opts: pulumi.CustomResourceOptions | undefined,
  path: readonly string[],
): { keepsPassword?: true } {
  const isIgnored = opts?.ignoreChanges?.some((ignored) => covers(segments(ignored), path)) ?? false;
  return isIgnored ? { keepsPassword: true } : {};
}

/** Pulumi's property paths: `users.app.password`, `users["app"].password`, `users.*.password`, `*`. */
function segments(path: string): string[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[([^\]]*)\]|([^.[\]]+)/g)].map(
    ([, quoted, bracketed, plain]) => quoted?.replaceAll(/\\(.)/g, "$1") ?? bracketed ?? plain ?? "",
  );
}

function covers(ignored: readonly string[], path: readonly string[]): boolean {
  return ignored.length <= path.length && ignored.every((part, i) => part === "*" || part === path[i]);
}
