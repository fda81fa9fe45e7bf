import { type HbaFinding, lintHba } from "../../../hba";
import type { CommandSpec } from "../../command-spec";
import { type FailOn, failOnOption, statusOf } from "../../input/fail-on";
import { helpText } from "../../terminal/help";
import type { Io } from "../../terminal/io";
import { json } from "../../terminal/json";
import { colored, wrapped } from "../../terminal/layout";
import { readSource, type SourceOptions, withSource } from "./source";

interface Options extends SourceOptions {
  readonly json?: boolean;
  readonly failOn: FailOn;
}

/** What is wrong with the rules. */
export const lint: CommandSpec = (group, io, act) => {
  withSource(group.command("lint"))
    .summary("find what is refused, cannot work, or is dangerous")
    .description(
      "Finds what the server would refuse, what cannot work and what is dangerous, by line and column.",
    )
    .option("--json", "for machines")
    .addOption(failOnOption())
    .addHelpText("after", helpText([], "pulumi-scram hba lint --fail-on warning pg_hba.conf"))
    .action(
      act(async (file: string | undefined, options: Options) => {
        const { text, name, product, version, facts } = await readSource(io, file, options);
        const findings = lintHba(text, product, {
          ...version,
          ...facts?.context,
          ...(facts && { roles: facts.roles.map(({ login, ...role }) => ({ ...role, canLogin: login })) }),
        });
        if (options.json) io.out(json({ source: name, findings }, 2));
        else for (const finding of findings) io.out(describe(io, name, finding));
        return statusOf(
          findings.map(({ severity }) => severity),
          options.failOn,
        );
      }),
    );
};

function describe(io: Io, name: string, { line, column, severity, code, message, hint }: HbaFinding): string {
  const place = line === 0 ? name : `${name}:${line}:${column}`;
  const advice = hint === undefined ? "" : ` (${hint.replaceAll("\n", " ")})`;
  const text = `${place}: ${severity}: ${message}${advice} [${code}]`;
  return `${colored(io, severity, wrapped(text, io.columns, "    "))}\n`;
}
