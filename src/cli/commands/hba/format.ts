import { writeFileSync } from "node:fs";
import { Option } from "commander";
import { UserError } from "../../../errors";
import { formatHba, parseHbaLeniently } from "../../../hba";
import type { CommandSpec } from "../../command-spec";
import { unprintableIn } from "../../terminal/exact";
import { helpText } from "../../terminal/help";
import { STATUS } from "../../terminal/status";
import { attempt } from "./file";
import { readSource, type SourceOptions, withSource } from "./source";

interface Options extends SourceOptions {
  readonly check?: boolean;
  readonly write?: boolean;
}

/** The rules with their columns aligned. */
export const format: CommandSpec = (group, io, act) => {
  withSource(group.command("format"))
    .summary("align the columns")
    .description("Aligns the columns. Comments, quoting, line ends and the order of the lines stay.")
    .option("--check", "print nothing, and exit with 1 if there is something to align")
    .addOption(new Option("--write", "change the file itself").conflicts("check"))
    .addHelpText("after", helpText([], "pulumi-scram hba format --write pg_hba.conf"))
    .action(
      act(async (file: string | undefined, options: Options) => {
        const { text, product, version, path } = await readSource(io, file, options);
        const formatted = formatHba(parseHbaLeniently(text, product, version), { normalise: true });
        if (options.check) return formatted === text ? STATUS.yes : STATUS.no;
        if (!options.write) io.out(exact(formatted));
        else if (path === undefined) throw new UserError("no-file", "--write takes a file");
        else if (formatted !== text) attempt("write", path, () => writeFileSync(path, formatted));
        return STATUS.yes;
      }),
    );
};

/** @throws UserError `unprintable` */
function exact(text: string): string {
  const found = unprintableIn(text.replaceAll("\r\n", "\n"), "\t\n");
  if (found === undefined) return text;
  throw new UserError(
    "unprintable",
    `line ${found.line} of the rules has ${found.character} in it, which a terminal or a log would obey or not show`,
    { hint: "give a file and --write to change it in place" },
  );
}
