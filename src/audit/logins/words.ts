import { describeRanges, listed } from "./cidr";
import type { Change } from "./difference";

const MOST = 5;

/** `database shop from 10.0.0.0/8 without TLS (line 7)` */
export function describeChange({ replication, databases, allDatabases, from, only, rules }: Change): string {
  const where = from === "socket" ? "over a Unix socket" : describeRanges(from, MOST);
  const lines = rules.flatMap(({ line }) => (line === undefined ? [] : [`line ${line}`]));
  const by = lines.length === 0 ? "" : ` (${listed(lines, MOST)})`;
  return (
    [replication ? "replication" : what(databases, allDatabases), where, only].filter(Boolean).join(" ") + by
  );
}

function what(databases: Change["databases"], all: boolean): string {
  if (all) return "every database";
  const names = databases.filter((name) => name !== undefined);
  if (databases.length === names.length) return `database ${listed(names, MOST)}`;
  return names.length === 0 ? "every other database" : `database ${listed(names, MOST)} and every other`;
}
