import type { CommandSpec } from "../command-spec";
import { diff } from "./hba/diff";
import { explain } from "./hba/explain";
import { format } from "./hba/format";
import { lint } from "./hba/lint";
import { restore } from "./hba/restore";

/** HBA rules, of a file or of a server. */
export const hba: CommandSpec = (program, io, act) => {
  const group = program
    .command("hba")
    .summary("lint, explain, compare, format and restore HBA rules")
    .description("HBA rules: PostgreSQL's pg_hba.conf, CockroachDB's host-based authentication setting.");
  for (const command of [lint, explain, diff, format, restore]) command(group, io, act);
};
