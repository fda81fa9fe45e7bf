import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { findPulumiCli } from "../../../tools/pulumi-cli/find.mts";
import { removeFolder, temporaryFolder } from "../../../tools/temporary-folder.mts";

const repository = resolve(import.meta.dirname, "../../..");
const goMod = readFileSync(join(repository, "tools/pulumi-cli/go.mod"), "utf8");
const version = /pulumi\/pkg\/v3 v(\S+)/.exec(goMod)?.[1];

/** An empty machine: folders for PATH and for the cache, where programs may be run. */
function machine() {
  const parent = join(repository, "node_modules/.cache");
  mkdirSync(parent, { recursive: true });
  const folder = temporaryFolder("machine", parent);
  onTestFinished(() => removeFolder(folder));
  const [path, cache] = [join(folder, "bin"), join(folder, "cache")];
  for (const each of [path, join(cache, "pulumi-scram")]) mkdirSync(each, { recursive: true });
  const put = (file: string) => {
    writeFileSync(file, "#!/bin/sh\nexit 0\n", { mode: 0o755 });
    return file;
  };
  return {
    env: { PATH: path, XDG_CACHE_HOME: cache },
    cache: join(cache, "pulumi-scram"),
    onPath: (name: string) => put(join(path, name)),
    built: () => put(join(cache, `pulumi-scram/pulumi-${version}`)),
  };
}

const tell = vi.fn();
const cannotDownload = async () => undefined;

it("takes the one on PATH before the one that was built, if it is complete", async () => {
  const { env, onPath, built } = machine();
  const command = built();
  onPath("pulumi");
  expect(await findPulumiCli(tell, env, cannotDownload)).toMatchObject({ command });

  onPath("pulumi-language-nodejs");
  expect(await findPulumiCli(tell, env, cannotDownload)).toEqual({ command: "pulumi", path: [] });
});

it("puts our language host, our random plugin and the SDK's dynamic one beside the one that was built", async () => {
  const { env, built } = machine();
  built();
  const { path } = await findPulumiCli(tell, env, cannotDownload);
  expect(path.flatMap((folder) => readdirSync(folder))).toEqual(
    expect.arrayContaining([
      "pulumi-language-nodejs",
      "pulumi-resource-random",
      "pulumi-resource-pulumi-nodejs",
    ]),
  );
});

it("downloads before it builds", async () => {
  const { env } = machine();
  const found = await findPulumiCli(tell, env, async () => "/opt/downloaded/bin/pulumi");
  expect(found).toEqual({ command: "/opt/downloaded/bin/pulumi", path: ["/opt/downloaded/bin"] });
});

it("says what to install where there is no Go either, and leaves nothing", async () => {
  const { env, cache } = machine();
  await expect(findPulumiCli(tell, env, cannotDownload)).rejects.toThrow(
    "there is no Pulumi CLI: it is not on PATH, cannot be downloaded, and to build it takes Go; install one of the two",
  );
  expect(readdirSync(cache)).toEqual([]);
});

it("says what Go said when the build fails, and leaves nothing", async () => {
  const { env, cache, onPath } = machine();
  const go = onPath("go");
  writeFileSync(go, '#!/bin/sh\n[ "$1" = version ] || { echo "no such module" >&2; exit 1; }\n');
  await expect(findPulumiCli(tell, env, cannotDownload)).rejects.toThrow(
    "the Pulumi CLI could not be built with Go: no such module",
  );
  expect(tell).toHaveBeenCalledWith(
    expect.stringMatching(/^Building the Pulumi CLI .* once on this machine/),
  );
  expect(readdirSync(cache)).toEqual([]);
});
