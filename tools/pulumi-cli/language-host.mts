/**
 * What `pulumi-language-nodejs` is to the Pulumi CLI, as far as our programs need it: it runs a program by the SDK's own
 * entry point. The original is published neither as a Go module nor on npm.
 */
import { spawn } from "node:child_process";
import service from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import { answers, servePlugin } from "../pulumi-sdk/grpc.mts";
import { ALREADY_SHOWN, programCommand } from "../pulumi-sdk/run-program.mts";

const engine = process.argv.slice(2).find((word) => !word.startsWith("-")) ?? "";

async function run(request: InstanceType<typeof language.RunRequest>) {
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() || request.getPwd();
  const { script, args, env } = programCommand({
    monitor: request.getMonitorAddress(),
    engine,
    organization: request.getOrganization(),
    project: request.getProject(),
    root: info?.getRootDirectory() ?? directory,
    stack: request.getStack(),
    directory,
    preview: request.getDryrun(),
    parallel: request.getParallel(),
    entry: info?.getEntryPoint() || request.getProgram() || ".",
    config: Object.fromEntries(request.getConfigMap().getEntryList()),
    secretKeys: request.getConfigsecretkeysList(),
  });
  const child = spawn(process.execPath, [script, ...args, ...request.getArgsList()], {
    cwd: directory,
    env: { ...process.env, ...env },
    // What a program prints, the CLI reads from its language host.
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.once("error", reject).once("close", (...end) => resolve(end));
  });
  const response = new language.RunResponse();
  if (code === ALREADY_SHOWN) response.setBail(true);
  else if (code !== 0) response.setError(`Program exited with ${signal ?? `status ${code}`}`);
  return response;
}

await servePlugin(service.LanguageRuntimeService, {
  handshake: answers(() => new language.LanguageHandshakeResponse()),
  getPluginInfo: answers(() => new plugin.PluginInfo().setVersion("3.0.0")),
  // The plugins are on PATH; what a program needs comes out as it is used.
  getRequiredPackages: answers(() => new language.GetRequiredPackagesResponse()),
  getRequiredPlugins: answers(() => new language.GetRequiredPluginsResponse()),
  getProgramDependencies: answers(() => new language.GetProgramDependenciesResponse()),
  runtimeOptionsPrompts: answers(() => new language.RuntimeOptionsResponse()),
  about: answers(() =>
    new language.AboutResponse().setExecutable(process.execPath).setVersion(process.version),
  ),
  run: answers(run),
});
