import type pg from "pg";
import type { Leftover } from "../../contract/access";
import { END_WITH, runBlock } from "./block";
import { AFTER, BACK, BEFORE, CHOOSE_WAY, DONE, FILE_VARIABLES, IN_DATA_DIRECTORY, PROBLEM } from "./file";

const contentOf = (path: string) =>
  `CASE WHEN (pg_catalog.pg_stat_file(${path}, true)).size > 0 THEN pg_catalog.pg_read_binary_file(${path}) END`;

/** Copies are there only while a write is under way, which it is not when we hold the lock: then it was broken off. */
const SETTLE = `DO $block$
DECLARE ${FILE_VARIABLES}
  current_text bytea := pg_catalog.pg_read_binary_file(file);
  interrupted bytea;
  earlier bytea;
  result text := 'none';
BEGIN
  FOREACH kept IN ARRAY ARRAY[file, ${IN_DATA_DIRECTORY}] LOOP
    earlier := ${contentOf(`kept || '${BEFORE}'`)};
    interrupted := ${contentOf(`kept || '${AFTER}'`)};
    EXIT WHEN earlier IS NOT NULL AND interrupted IS NOT NULL;
  END LOOP;
  IF earlier IS NOT NULL AND interrupted IS NOT NULL THEN
    ${CHOOSE_WAY}
    in_place := in_place OR kept <> file;
    BEGIN
      IF current_text = interrupted THEN
        ${BACK}
        PERFORM pg_catalog.pg_reload_conf();
        result := 'put back';
      ELSIF current_text = earlier THEN
        ${DONE}
      ELSE
        result := 'other';
      END IF;
    EXCEPTION WHEN OTHERS THEN
      RAISE EXCEPTION USING MESSAGE = ${PROBLEM};
    END;
  END IF;
  ${END_WITH(`pg_catalog.jsonb_build_object('result', result, 'kept', kept || '${BEFORE}')`)}
END
$block$`;

/** With the lock: puts the rules from before an interrupted write back, unless somebody else's have taken their place. */
export async function settleHbaFile(client: pg.ClientBase): Promise<Leftover | undefined> {
  const { result, kept } = await runBlock<{ result: string; kept: string }>(client, SETTLE);
  if (result === "none") return undefined;
  return { isPutBack: result === "put back", kept };
}
