import { Option } from "commander";
import { cidrBlocks } from "../../../audit/logins/cidr";
import type { Change } from "../../../audit/logins/difference";
import { describeEffects, describeLockouts } from "../../../audit/logins/effect-words";
import { type Effect, effectsOf } from "../../../audit/logins/effects";
import { usersNamedBy } from "../../../audit/logins/named-users";
import type { AccessFacts } from "../../../database/contract/access";
import { UserError } from "../../../errors";
import { prepareRules } from "../../../hba/match/prepare";
import type { CommandSpec } from "../../command-spec";
import { warnOfJwt } from "../../input/server";
import { helpText } from "../../terminal/help";
import type { Io } from "../../terminal/io";
import { json } from "../../terminal/json";
import { colored, wrapped } from "../../terminal/layout";
import { STATUS } from "../../terminal/status";
import { warn } from "../../terminal/warn";
import { readSource, type Source, type SourceOptions, withSourceOptions } from "./source";

const FAIL_ON = ["lockout", "narrowing", "any", "never"] as const;

interface Options extends SourceOptions {
  readonly json?: boolean;
  readonly failOn: (typeof FAIL_ON)[number];
}

/** Who gains and who loses which way in. */
export const diff: CommandSpec = (group, io, act) => {
  withSourceOptions(group.command("diff"))
    .argument("<files...>", "the old rules and the new ones (-: standard input); with --live, the new ones")
    .summary("say who gains and who loses which way in")
    .description(
      "Compares two sets of rules by what they let whom do: for each user, the logins that it gains and loses, by network and database.",
    )
    .option("--json", "for machines")
    .addOption(
      new Option(
        "--fail-on <effect>",
        "exit with 1 if somebody loses a way in entirely, loses or may lose something of one, or if anything changes",
      )
        .choices(FAIL_ON)
        .default("narrowing"),
    )
    .addHelpText(
      "after",
      helpText(
        [
          "With --live and --url the users are the server's, with what it has stored of them. With files, those whom the rules name, each with a SCRAM verifier, and any other one.",
        ],
        "pulumi-scram hba diff --live pg_hba.conf",
      ),
    )
    .action(
      act(async (files: readonly string[], options: Options) => {
        const [old, next] = await readBoth(io, files, options);
        const effects = effectsOf(old.text, next.text, old.product, factsOf(old, next));
        if (old.facts) warnOfJwt(io, old.facts);
        for (const { name, notUsed } of notUsedOf(old, next))
          warn(io, `the server does not go by ${name}: ${notUsed}`);
        if (options.json) io.out(json({ users: effects.map(forMachines) }, 2));
        else print(io, effects);
        return statusOf(effects, options.failOn);
      }),
    );
};

async function readBoth(io: Io, files: readonly string[], options: Options): Promise<[Source, Source]> {
  const isLive = options.live || options.url !== undefined;
  if (files.length !== (isLive ? 1 : 2))
    throw new UserError(
      "two-sources",
      isLive ? "give one file, of the new rules" : "give two files, the old rules and the new ones",
    );
  if (files.every((file) => file === "-") && files.length === 2)
    throw new UserError("two-sources", "standard input can be one of the two");
  const { live, url, ...offline } = options;
  const [first, last] = [files[0], files.at(-1)];
  const old = await readSource(io, isLive ? undefined : first, options);
  const next = await readSource(io, last, { ...offline, product: old.product, ...productVersion(old) });
  return [old, next];
}

function productVersion({ version }: Source): { productVersion?: string } {
  return version.version === undefined ? {} : { productVersion: version.version };
}

function factsOf(old: Source, next: Source): AccessFacts {
  if (old.facts !== undefined) return old.facts;
  const texts = [old, next].map(({ text, product, version }) => prepareRules(text, product, version));
  return {
    roles: usersNamedBy(texts),
    hashesReadable: true,
    own: { user: "", database: "", address: "local", tls: false },
    context: old.product === "cockroachdb" ? { ...old.version, acceptSqlWithoutTls: true } : old.version,
  };
}

function notUsedOf(...sources: readonly Source[]): { name: string; notUsed: string }[] {
  return sources.flatMap(({ name, text, product, version }) => {
    const { notUsed } = prepareRules(text, product, version);
    return notUsed === undefined ? [] : [{ name, notUsed }];
  });
}

function print(io: Io, effects: readonly Effect[]): void {
  const lockouts = effects.flatMap(({ lockout }) => (lockout ? [lockout] : []));
  if (lockouts.length > 0)
    io.out(
      `${colored(io, "error", wrapped(`locked out: ${describeLockouts(lockouts)}`, io.columns, "    "))}\n`,
    );
  for (const line of describeEffects(effects, false)) io.out(`${wrapped(line, io.columns, "    ")}\n`);
  if (effects.length === 0) io.out("nobody gains or loses a way in\n");
}

function forMachines({ user, lockout, losses, gains }: Effect): object {
  return { user, lockout: lockout?.reason ?? null, losses: losses.map(change), gains: gains.map(change) };
}

function change({ maybe, replication, databases, allDatabases, from, only, rules }: Change): object {
  return {
    ...(maybe && { maybe }),
    replication,
    databases: allDatabases ? "all" : databases.map((name) => name ?? null),
    from: from === "socket" ? "socket" : cidrBlocks(from),
    ...(only !== undefined && { only }),
    lines: rules.flatMap(({ line }) => line ?? []),
  };
}

function statusOf(effects: readonly Effect[], failOn: Options["failOn"]): number {
  const counts = {
    lockout: effects.filter(({ lockout }) => lockout !== undefined).length,
    narrowing: effects.filter(({ lockout, losses }) => lockout !== undefined || losses.length > 0).length,
    any: effects.length,
    never: 0,
  };
  return counts[failOn] > 0 ? STATUS.no : STATUS.yes;
}
