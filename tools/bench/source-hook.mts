import { existsSync } from "node:fs";
import { registerHooks } from "node:module";

/**
 * Lets Node itself load our TypeScript where it imports without an extension, which src and test do for tsc and vitest: the
 * stand-in for CockroachDB is loaded so, and a writer of HBA rules in a process of its own.
 */
registerHooks({
  resolve(specifier, context, next) {
    const isOurs = specifier.startsWith(".") && context.parentURL?.endsWith(".ts");
    return next(
      isOurs && !/\.\w?[jt]s$/.test(specifier) ? fileFor(specifier, context.parentURL) : specifier,
      context,
    );
  },
  load(url, context, next) {
    // package.json says CommonJS, as which tsc compiles them; as they are written they are ES modules.
    return next(url, url.endsWith(".ts") ? { ...context, format: "module-typescript" } : context);
  },
});

/** A module, or a folder by its index. */
function fileFor(specifier: string, parent: string | undefined): string {
  return existsSync(new URL(`${specifier}.ts`, parent)) ? `${specifier}.ts` : `${specifier}/index.ts`;
}
