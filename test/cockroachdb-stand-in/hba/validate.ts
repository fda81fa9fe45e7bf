import type { Profile } from "../profile";
import { SqlError, UNCATEGORISED, unimplemented } from "../wire/sql-error";
import { METHODS } from "./methods";
import { type HbaEntry, parseHba } from "./parse";

/** What SET CLUSTER SETTING refuses: facts 1.3, in its order. */
export function validateHba(text: string, profile: Profile): void {
  if (text === "") return;
  const entries = parseHba(text, profile);
  if (entries.length === 0) {
    throw new SqlError(UNCATEGORISED, "no entries", {
      hint: "To use the default configuration, assign the empty string ('').",
    });
  }
  for (const entry of entries) validateEntry(entry, profile);
}

function validateEntry(entry: HbaEntry, profile: Profile): void {
  if (entry.type === "loopback") throw unimplemented("unsupported connection type: loopback");
  if (entry.databases.some(({ value, quoted }) => quoted || value !== "all")) {
    throw unimplemented(
      "per-database HBA rules are not supported",
      "Use the special value 'all' (without quotes) to match all databases.",
    );
  }
  if (typeof entry.address === "object" && "host" in entry.address) {
    throw unimplemented(
      "hostname-based HBA rules are not supported",
      "List the numeric CIDR notation instead, for example: 127.0.0.1/8.\n" +
        "Alternatively, use 'all' (without quotes) for any IPv4/IPv6 address.",
    );
  }
  const method = METHODS[entry.method.value];
  if (method === undefined || !profile.hbaMethods.includes(entry.method.value)) {
    throw unimplemented(
      `unknown auth method "${entry.method.value}"`,
      `Supported methods: ${profile.hbaMethods.join(", ")}`,
    );
  }
  method.checkOptions(entry);
}
