import type { Way } from "../../audit/ways";

/** `113, 115 scram-sha-256; 120 cert`: the lines, and what is asked there where the method does not say it. */
export function waysCell(ways: readonly Way[]): string {
  const rules = new Map<string, { where: string; method: string; notes: Set<string> }>();
  for (const way of ways) {
    const { line, rule, method } = way;
    const where = String(line ?? "built-in");
    const id = `${where} ${rule}`;
    const { notes } = rules.get(id) ?? { notes: new Set() };
    rules.set(id, { where, method, notes: notes.add(noteOf(way)) });
  }
  const lines = new Map<string, Set<string>>();
  for (const { where, method, notes } of rules.values()) {
    const said = [...notes].filter(Boolean).join(", ");
    const what = said === "" ? method : `${method} (${said})`;
    lines.set(what, (lines.get(what) ?? new Set()).add(where));
  }
  return [...lines].map(([what, places]) => `${[...places].join(", ")} ${what}`).join("; ") || "none";
}

/** What these methods ask for goes without saying. */
const EVIDENT: Readonly<Record<string, Way["asks"]>> = {
  "scram-sha-256": "scram-sha-256",
  md5: "md5-password",
  cert: "certificate",
};

const ASKED: Readonly<Record<Way["asks"], string>> = {
  nothing: "",
  unknown: "",
  certificate: "certificate",
  "cleartext-password": "in clear",
  "md5-password": "md5",
  "scram-sha-256": "SCRAM",
};

function noteOf({ method, asks, outcome, uncertain }: Way): string {
  if (uncertain) return "?";
  const asked = EVIDENT[method] === asks ? "" : ASKED[asks];
  return [asked, outcome === "fails" ? "fails" : ""].filter(Boolean).join(" ");
}
