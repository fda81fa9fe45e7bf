/**
 * What `pulumi-language-nodejs` is to the Pulumi CLI, as far as our programs need it: it runs a program by the SDK's own
 * entry point. The original is published neither as a Go module nor on npm.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import service from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import { answers, serve } from "./serve.mts";

/** The exit code by which the SDK says that it has shown its error already. */
const ALREADY_SHOWN = 32;

const engineAddress = process.argv.slice(2).find((word) => !word.startsWith("-")) ?? "";

async function run(request: InstanceType<typeof language.RunRequest>) {
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() || request.getPwd();
  const sdk = dirname(createRequire(join(directory, "package.json")).resolve("@pulumi/pulumi/package.json"));
  const args = [
    ["--monitor", request.getMonitorAddress()],
    ["--engine", engineAddress],
    ["--organization", request.getOrganization()],
    ["--project", request.getProject()],
    ["--root-directory", info?.getRootDirectory() ?? directory],
    ["--stack", request.getStack()],
    ["--pwd", request.getPwd()],
    request.getDryrun() ? ["--dry-run"] : [],
    ["--parallel", String(request.getParallel())],
    [info?.getEntryPoint() || request.getProgram() || "."],
    request.getArgsList(),
  ].flat();
  const child = spawn(process.execPath, [join(sdk, "cmd/run/index.js"), ...args], {
    cwd: directory,
    env: {
      ...process.env,
      PULUMI_NODEJS_TYPESCRIPT: "true",
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().getEntryList())),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
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

serve(service.LanguageRuntimeService, {
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
