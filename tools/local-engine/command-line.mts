import { parseArguments } from "./arguments.mts";
import { configRemove, configSet } from "./commands/config-commands.mts";
import { operate, preview } from "./commands/operation-commands.mts";
import { stackExport, stackInit, stackOutput, stackRemove } from "./commands/stack-commands.mts";
import { enableColour } from "./display/colour.mts";

const BANNER =
  "local-engine: a stand-in for the Pulumi CLI, for tests and the demo (not in the published package)";

/** Commands whose output is data for another program: theirs alone goes to stdout. */
const DATA = ["stack export", "stack output"];

export async function run(argv: readonly string[]): Promise<void> {
  const args = parseArguments(argv);
  const colour = args.flags.get("--color") ?? "auto";
  enableColour(colour === "always" || (colour === "auto" && process.stdout.isTTY));
  if (DATA.includes(args.command)) console.error(BANNER);
  else console.log(BANNER);
  const text = await dispatch(args);
  if (text) console.log(text);
}

function dispatch(args: ReturnType<typeof parseArguments>): Promise<string> {
  switch (args.command) {
    case "stack init":
      return stackInit(args);
    case "stack rm":
      return stackRemove(args);
    case "stack export":
      return stackExport(args);
    case "stack output":
      return stackOutput(args);
    case "config set":
      return configSet(args);
    case "config rm":
      return configRemove(args);
    case "preview":
      return preview(args);
    case "up":
      return operate(args, "update");
    case "refresh":
      return operate(args, "refresh");
    default:
      return operate(args, "destroy");
  }
}
