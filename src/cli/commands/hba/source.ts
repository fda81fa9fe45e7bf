import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { AccessFacts } from "../../../database/contract/access";
import { UserError } from "../../../errors";
import type { Product } from "../../../hba";
import { openServer, URL_HELP, warnOfEditedFile } from "../../input/server";
import { decodeUtf8 } from "../../input/utf8";
import type { Io } from "../../terminal/io";
import { attempt } from "./file";

export interface SourceOptions {
  readonly product: Product;
  readonly productVersion?: string;
  readonly live?: boolean;
  readonly url?: string;
}

/** The rules, and what is known of the server they are for. */
export interface Source {
  readonly text: string;
  /** For findings. */
  readonly name: string;
  readonly path?: string;
  readonly product: Product;
  readonly version: { readonly version?: string };
  /** Of a server. */
  readonly facts?: AccessFacts;
}

export function withSource(command: Command): Command {
  return withSourceOptions(command.argument("[file]", "the rules (default, or -: standard input)"));
}

export function withSourceOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--product <product>", "the server that they are for")
        .choices(["postgresql", "cockroachdb"])
        .default("postgresql")
        .conflicts(["live", "url"]),
    )
    .addOption(
      new Option("--product-version <version>", "its version (default: the newest known)")
        .argParser(version)
        .conflicts(["live", "url"]),
    )
    .option(
      "--live",
      "instead of a file, the rules of the server that the environment names; on PostgreSQL, its file as it is now",
    )
    .option("--url <url>", `as --live: ${URL_HELP}`);
}

function version(text: string): string {
  if (!/^v?\d+(\.\d+)*[-.\w]*$/.test(text))
    throw new InvalidArgumentError("It takes a version, such as 16 or v24.3.");
  return text;
}

/** @throws UserError */
export async function readSource(
  io: Io,
  file: string | undefined,
  { product, productVersion, live, url }: SourceOptions,
): Promise<Source> {
  if (live || url !== undefined) {
    if (file !== undefined) throw new UserError("two-sources", "give a file, or --live or --url, not both");
    return readServer(io, url);
  }
  const version = productVersion === undefined ? {} : { version: productVersion };
  if (file === undefined || file === "-")
    return { text: decodeUtf8(await io.readInput()), name: "-", product, version };
  const text = decodeUtf8(attempt("read", file, () => readFileSync(file)));
  return { text, name: file, path: file, product, version };
}

async function readServer(io: Io, url: string | undefined): Promise<Source> {
  const database = await openServer(io, url);
  const { text, isEdited } = await database.hba.read();
  if (isEdited) warnOfEditedFile(io);
  if (text === undefined)
    throw new UserError("hba-hidden", `this administrator may not see the HBA rules of ${database.server}`);
  const facts = await database.hba.facts();
  const { version } = facts.context;
  return {
    text,
    name: database.server,
    product: database.product,
    version: version === undefined ? {} : { version },
    facts,
  };
}
