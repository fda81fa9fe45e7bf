import { type Finding, info } from "../../audit/finding";
import { hashFindings } from "../../audit/hash-findings";
import { UserError } from "../../errors";
import { classifyStoredHash, DEFAULT_ITERATIONS, type StoredHash } from "../../scram";
import { parseStoredVerifier } from "../../scram/verifier-text";
import type { CommandSpec } from "../command-spec";
import { decodeUtf8 } from "../input/utf8";
import { helpText } from "../terminal/help";
import type { Io } from "../terminal/io";
import { json } from "../terminal/json";
import { labelled } from "../terminal/layout";
import { STATUS } from "../terminal/status";

/** What a stored hash is, and who may have trouble with it. */
export const inspect: CommandSpec = (program, io, act) => {
  program
    .command("inspect")
    .summary("explain a stored hash")
    .description(
      "Explains what a server has stored for a password: a SCRAM-SHA-256 verifier, an md5 or a bcrypt hash.",
    )
    .argument("[hash]", "as a server stores it (default: standard input)")
    .option("--json", "for machines")
    .addHelpText(
      "after",
      helpText(
        [
          "Neither StoredKey nor ServerKey is printed. A verifier is a secret too, and as an argument it is seen by whoever lists processes and kept in the shell's history: give it by standard input. Exit status: 0 for a hash that a server recognises, 1 for any other text.",
        ],
        "pulumi-scram inspect < verifier.txt",
        "pulumi-scram inspect 'SCRAM-SHA-256$4096:…'",
      ),
    )
    .action(
      act(async (given: string | undefined, { json: forMachines = false }: { json?: boolean }) => {
        const text = given ?? decodeUtf8(await io.readInput()).replace(/\r?\n$/, "");
        const stored = classifyStoredHash(text);
        const findings = [...hashFindings(stored), ...remarks(stored)];
        if (forMachines) io.out(json({ ...parts(stored), findings }));
        else print(io, stored, text, findings);
        return stored.kind === "unknown" || stored.kind === "none" ? STATUS.no : STATUS.yes;
      }),
    );
};

function remarks(stored: StoredHash): Finding[] {
  if (stored.kind !== "scram-sha-256" || stored.verifier.iterations === DEFAULT_ITERATIONS) return [];
  return [
    info(
      "iterations-not-default",
      `has another iteration count than CockroachDB's default of ${DEFAULT_ITERATIONS}: under a cert-password rule, a cluster asks for the password in clear text and hashes it again`,
    ),
  ];
}

function parts(stored: StoredHash): Record<string, string | number> {
  switch (stored.kind) {
    case "scram-sha-256":
      return {
        kind: stored.kind,
        iterations: stored.verifier.iterations,
        saltBytes: stored.verifier.salt.length,
      };
    case "bcrypt":
      return { kind: stored.kind, cost: stored.cost };
    default:
      return { kind: stored.kind };
  }
}

function print(io: Io, stored: StoredHash, text: string, findings: readonly Finding[]): void {
  const { kind, ...rest } = parts(stored);
  const lines = [
    [
      "kind",
      kind === "unknown"
        ? "not a hash that a server recognises; it would take this for a password"
        : String(kind),
    ],
    ...Object.entries(rest).map(([name, value]) => [
      name === "saltBytes" ? "salt bytes" : name,
      String(value),
    ]),
    ...(kind === "unknown" ? [["why", whyNot(text)]] : []),
    ...findings.map(({ severity, message }) => [severity, `it ${message}`]),
  ];
  for (const [label = "", line = ""] of lines) io.out(labelled(io, label, line));
}

/** A server would take it for a password, and hash it. */
function whyNot(text: string): string {
  try {
    parseStoredVerifier(text);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return "";
}
