import { randomUUID } from "node:crypto";
import type { Session } from "../../session/session";
import { END_WITH, runBlock } from "./block";
import { BACK, BEFORE, CHOOSE_WAY, DONE, FILE_VARIABLES, PROBLEM, PUT } from "./file";
import { alone } from "./lock";
import { logInUnder, SHOW_MARK } from "./proof";

export interface Write {
  readonly wanted: Buffer;
  /** What is to be in the file now; else nothing is written. */
  readonly expected: Buffer;
  /** Whether a rule that the server refuses makes it go back. */
  readonly checked: boolean;
  /** Whether a login under the new rules has to succeed, or it goes back. */
  readonly proved: boolean;
}

/** What the server has done. */
export interface Written {
  readonly result: "written" | "changed" | "refused" | "unproved" | "replaced" | "failed";
  readonly refused?: readonly { readonly line: number; readonly error?: string }[];
  /** In the server's words: of `failed`, and of `stuck`. */
  readonly problem?: string;
  /** What is there now, where it is not what was wanted. */
  readonly left?: "before" | "other" | "stuck";
  /** Whether the file was overwritten, for the server can put no other in its place. */
  readonly inPlace: boolean;
  /** The file with the text from before, where that could not be put back. */
  readonly kept: string;
  /** Why the login failed. */
  readonly reason?: unknown;
}

const GIVE_TEXTS = `SELECT pg_catalog.set_config(name, value, true)
FROM (VALUES ('pulumi_scram.wanted', $1), ('pulumi_scram.expected', $2)) AS given (name, value)`;

/** As long as nobody hears that the login has failed. */
const PROOF_MARGIN_S = 5;

/**
 * Reads the file as it is now, not the rules in force. A rule without type and error is one that only loading refuses;
 * one that "cannot match" (TLS is off, for instance) is loaded all the same.
 */
const REFUSED = `SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('line', line_number, 'error', error) ORDER BY line_number)
  FROM pg_catalog.pg_hba_file_rules
  WHERE coalesce(error, '') NOT LIKE '%record cannot match because%' AND (error IS NOT NULL OR type IS NULL)`;

/**
 * The server waits for a login under the new rules, or until whoever could log in is gone. The postmaster reads its files before
 * it accepts another connection, so that one which was begun after `pg_reload_conf` is under the new rules.
 */
const WAIT_FOR_LOGIN = (mark: string, watcher: number, seconds: number) => `
  since := pg_catalog.clock_timestamp();
  ${SHOW_MARK(mark)}
  LOOP
    PERFORM pg_catalog.pg_stat_clear_snapshot();
    SELECT coalesce(pg_catalog.bool_or(application_name = '${mark}' AND usename = session_user AND backend_start > since), false),
      coalesce(pg_catalog.bool_or(pid = ${watcher}), false)
    INTO proved, watched FROM pg_catalog.pg_stat_activity WHERE pid <> pg_catalog.pg_backend_pid();
    EXIT WHEN proved OR NOT watched OR pg_catalog.clock_timestamp() > since + '${seconds} seconds'::pg_catalog.interval;
    PERFORM pg_catalog.pg_sleep(0.02);
  END LOOP;`;

/**
 * One statement, so that the server does all of it or goes back, whatever becomes of the client. The transaction has no part in
 * that: files are not rolled back.
 */
const writeBlock = (checked: boolean, waitForLogin: string) => `DO $block$
DECLARE ${FILE_VARIABLES}
  wanted bytea := pg_catalog.decode(pg_catalog.current_setting('pulumi_scram.wanted'), 'base64');
  earlier bytea := pg_catalog.pg_read_binary_file(file);
  refused jsonb;
  since timestamptz;
  proved boolean := ${waitForLogin === ""};
  watched boolean;
  result text := 'failed';
  problem text;
  now_there bytea;
  left_there text;
BEGIN
  IF earlier = pg_catalog.decode(pg_catalog.current_setting('pulumi_scram.expected'), 'base64') THEN
    ${CHOOSE_WAY}
    BEGIN
      ${PUT}
      IF pg_catalog.pg_read_binary_file(file) <> wanted THEN
        RAISE EXCEPTION 'the file does not hold what was written';
      END IF;
      ${checked ? `refused := (${REFUSED});` : ""}
      IF refused IS NOT NULL THEN
        result := 'refused';
      ELSE
        PERFORM pg_catalog.pg_reload_conf();
        ${waitForLogin}
        now_there := pg_catalog.pg_read_binary_file(file);
        IF NOT proved THEN
          result := 'unproved';
        ELSIF now_there <> wanted THEN
          result := 'replaced';
        ELSE
          ${DONE}
          result := 'written';
        END IF;
      END IF;
    EXCEPTION WHEN query_canceled OR OTHERS THEN
      problem := ${PROBLEM};
    END;
    IF result <> 'written' THEN
      BEGIN
        now_there := pg_catalog.pg_read_binary_file(file);
        left_there := CASE now_there WHEN wanted THEN 'before' WHEN earlier THEN 'before' ELSE 'other' END;
        IF now_there = wanted THEN
          ${BACK}
        ELSE
          ${DONE}
        END IF;
        PERFORM pg_catalog.pg_reload_conf();
      EXCEPTION WHEN query_canceled OR OTHERS THEN
        left_there := 'stuck';
        problem := ${PROBLEM};
      END;
    END IF;
  ELSE
    result := 'changed';
  END IF;
  ${END_WITH(`pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('result', result, 'refused', refused,
    'problem', problem, 'left', left_there, 'inPlace', in_place, 'kept', kept || '${BEFORE}'))`)}
END
$block$`;

export async function writeHbaFile(session: Session, action: string, write: Write): Promise<Written> {
  const seconds = Math.ceil((await session.loginMs()) / 1000) + PROOF_MARGIN_S;
  return alone(session, action, async (client) => {
    await client.query(GIVE_TEXTS, [write.wanted.toString("base64"), write.expected.toString("base64")]);
    const run = (waitForLogin = "") => runBlock<Written>(client, writeBlock(write.checked, waitForLogin));
    if (!write.proved) return run();
    const mark = `pulumi-scram ${randomUUID()}`;
    return logInUnder(session, mark, (watcher) => run(WAIT_FOR_LOGIN(mark, watcher, seconds)));
  });
}
