import type { CommandSpec } from "../run";
import { explain } from "./hba/explain";
import { format } from "./hba/format";
import { lint } from "./hba/lint";

/** HBA rules, of a file or of a server. */
export const hba: CommandSpec = (program, io, act) => {
  const group = program
    .command("hba")
    .summary("lint, explain and format HBA rules")
    .description("HBA rules: PostgreSQL's pg_hba.conf, CockroachDB's host-based authentication setting.");
  for (const command of [lint, explain, format]) command(group, io, act);
};
