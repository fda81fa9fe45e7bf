import "../../tools/bench/source-hook.mts";

/** A process of its own that deploys HBA rules, as a provider does; `node hba-writer-process.mts <url>`, then a message for each. */
const { hbaProvider } = await import("../../src/provider/hba/hba.ts");
const { configured, deploy } = await import("./engine-side.ts");

const provider = configured(hbaProvider(), process.argv[2] ?? "");

process.on("message", async (args: Parameters<typeof deploy>[1]) => {
  const outcome = await deploy(provider, args).then(
    () => ({ written: true }),
    (error: Error) => ({ written: false, message: error.message }),
  );
  process.send?.(outcome);
});
process.send?.("ready");
