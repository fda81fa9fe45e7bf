/**
 * Loaded into program and provider before the SDK, which requires these two packages to serialise functions into the
 * state. Hardly a program asks for that, and they are half of the SDK's loading time: they are loaded when first used.
 */
const Module: typeof import("node:module") = require("node:module");

const DEFERRED: Record<string, string> = {
  "@npmcli/arborist": "closure/codePaths.js",
  typescript: "pulumi/typescript-shim.js",
};

const { require: load } = Module.prototype;

Module.prototype.require = function (this: NodeJS.Module, id: string) {
  const user = DEFERRED[id];
  if (user === undefined || !this.filename.replaceAll("\\", "/").endsWith(user)) return load.call(this, id);
  // What is not installed fails here and now, as the SDK expects.
  Module.createRequire(this.filename).resolve(id);
  // As an ES module it is passed on as it is, where of another every member would be copied.
  return new Proxy({}, { get: (_none, member) => member === "__esModule" || load.call(this, id)[member] });
} as typeof load;
