import { cut } from "../../printable";
import { describeEntry, MAX_QUOTED } from "../describe";
import { isCockroachdb } from "../dialect";
import { type HbaEntry, type HbaFile, rulesOf } from "../model";
import { scan } from "../parse/parse";
import { SECRET_OPTION } from "../parse/parse-options";
import { type HbaFinding, info, warning } from "./finding";

/** What is missing when one looks at all the rules together. */
export function missingRules(file: HbaFile): HbaFinding[] {
  const rules = rulesOf(file);
  if (rules.length === 0 || file.lines.some((line) => line.kind === "invalid" || line.kind === "include"))
    return [];
  const local = rules.some(({ entry }) => entry.connection.type === "local");
  const remote = rules.some(({ entry }) => entry.connection.type !== "local");
  const findings: HbaFinding[] = [];
  if (!local) {
    findings.push(
      warning("no-local-rule", undefined, "No rule is for `local`, so nobody can log in over a Unix socket"),
    );
  }
  if (!remote) {
    const except = isCockroachdb(file.dialect) ? " but root, for whom CockroachDB has its own rule" : "";
    findings.push(
      warning(
        "no-host-rule",
        undefined,
        `No rule is for TCP, so nobody can log in over the network${except}`,
      ),
    );
  }
  return findings;
}

/** Traps in how PostgreSQL cuts a text into lines and words; CockroachDB refuses such texts. */
export function scanningTraps(file: HbaFile): HbaFinding[] {
  if (isCockroachdb(file.dialect)) return [];
  return scan(file.lines.map((line) => line.text).join(""), file.dialect).flatMap((line) => {
    const findings: HbaFinding[] = [];
    const firstLine = line.text.slice(0, line.text.indexOf("\n"));
    if (line.comment !== undefined && line.endLine > line.line && firstLine.includes("#")) {
      findings.push(
        warning(
          "comment-continued",
          { line: line.line, column: firstLine.length },
          `The backslash at its end makes the comment swallow the text up to line ${line.endLine}`,
        ),
      );
    }
    if (line.unclosedQuote !== undefined) {
      findings.push(
        warning(
          "quote-unclosed",
          line.unclosedQuote,
          "The quote is never closed, so it reaches to the end of the line",
        ),
      );
    }
    return findings;
  });
}

/** What PostgreSQL reads from other files, which nobody looked at here. */
export function notEvaluated(file: HbaFile): HbaFinding[] {
  if (isCockroachdb(file.dialect)) return [];
  return file.lines.flatMap((line) => {
    if (line.kind === "include") {
      const at = { line: line.line, column: 1 };
      return [info("include-not-evaluated", at, `The rules of \`${line.path}\` are not looked at`)];
    }
    if (line.kind !== "rule") return [];
    const { databases, users, method, options } = line.entry;
    return [...databases, ...users, method, ...options.map(({ token }) => token)]
      .filter((token) => !token.quoted && /^@./.test(token.value))
      .map((token) =>
        info("file-not-evaluated", token, `The names in \`${token.value.slice(1)}\` are not looked at`),
      );
  });
}

/** A password in the text makes the whole text a secret. */
export function secrets(entry: HbaEntry): HbaFinding[] {
  const found = entry.options.filter(({ name }) => SECRET_OPTION.test(name));
  if (found.length === 0) return [];
  const rule = cut(describeEntry(entry), MAX_QUOTED);
  return found.map(({ name, token }) =>
    info("secret-in-text", token, `\`${name}\` puts a password into the text of \`${rule}\``),
  );
}
