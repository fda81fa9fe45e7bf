/**
 * How the server itself puts a text in the place of its HBA file, and takes it back: parts of a DO block, which goes on where
 * the client that sent it is gone. These are their variables; beside them, `earlier` and `wanted` are the two texts.
 */
export const FILE_VARIABLES = `
  file text := pg_catalog.current_setting('hba_file');
  kept text := pg_catalog.current_setting('hba_file');
  in_place boolean := false;
  shell text;
  item record;
  object oid;`;

/** While a write is under way: the text from before, and, once that is complete, the one that takes its place. */
export const BEFORE = ".pulumi-scram-before";
export const AFTER = ".pulumi-scram-after";

/**
 * The one way, in the server's shell: another file is written and renamed, so that at every moment the whole of a text is there,
 * even if the machine stops. It and the copies have the mode of the file before. A symbolic link stays: what it leads to is
 * replaced.
 */
const SCRIPT = {
  start: `set -eu; umask 077
real=$file; [ ! -L "$file" ] || real=$(readlink -f "$file")
before=$file${BEFORE}; after=$file${AFTER}; new=$real.pulumi-scram-new
flush() { sync "$@" 2>/dev/null || sync; }
`,
  /** A link succeeds where a renaming will: the folder can be written, and the file is no mount of its own. */
  test: `for command in cp head ln mv rm sync tail wc; do command -v $command >/dev/null; done
[ -O "$real" ]; [ -w "$real" ]; [ -w "\${file%/*}" ]
rm -f "$new"; ln "$real" "$new"; rm "$new"`,
  /** A binary COPY has 25 bytes before its one value, and is shorter where the server's session ends. */
  put: `rm -f "$after" "$before" "$new"
cp -p "$real" "$before"; cp -p "$real" "$new"
tail -c +26 | head -c $length >"$new"
[ $(wc -c <"$new") -eq $length ]
cp -p "$new" "$after"; flush "$new" "$after" "$before"
mv -f "$new" "$real"`,
  back: `mv -f "$before" "$new"; mv -f "$new" "$real"; rm -f "$after"`,
  done: `rm -f "$after" "$before"; flush "\${file%/*}"`,
} as const;

const NOTHING = "COPY (SELECT NULL WHERE false) TO PROGRAM %L";
const WANTED = `COPY (SELECT pg_catalog.decode(pg_catalog.current_setting(''pulumi_scram.wanted''), ''base64''))
        TO PROGRAM %L (FORMAT binary)`;

function run(script: keyof typeof SCRIPT, copy = NOTHING): string {
  return `EXECUTE pg_catalog.format('${copy}', shell || $sh$${SCRIPT[script]}$sh$);`;
}

/** Of an error that was caught: a failed program's repeats the program. */
export const PROBLEM = `CASE SQLSTATE
        WHEN '38000' THEN 'the server could not write beside ' || file || '; its log says why'
        ELSE SQLERRM
      END`;

/**
 * The other way, where there is no shell or the folder cannot be written: a large object is the one thing that SQL exports byte
 * for byte. That overwrites, makes files that everybody may read, and cannot delete: the copies are in the data directory, which
 * nobody else may enter, and are emptied.
 */
function overwrite(...texts: readonly (readonly [path: string, content: string])[]): string {
  return `FOR item IN SELECT path, content FROM (VALUES ${texts.map((text) => `(${text})`).join(", ")}) AS v (path, content) LOOP
        object := pg_catalog.lo_from_bytea(0, item.content);
        PERFORM pg_catalog.lo_export(object, item.path);
        PERFORM pg_catalog.lo_unlink(object);
      END LOOP;`;
}

/** Where the copies of the other way are, without what tells them apart. */
export const IN_DATA_DIRECTORY = "pg_catalog.current_setting('data_directory') || '/pg_hba.conf'";

const before = `kept || '${BEFORE}'`;
const after = `kept || '${AFTER}'`;
const empty = "''::bytea";

/** Finds out which of the two ways it is. */
export const CHOOSE_WAY = `
    shell := 'file=''' || pg_catalog.replace(file, '''', '''"''"''') || '''; ' || $sh$${SCRIPT.start}$sh$;
    IF pg_catalog.current_setting('dynamic_shared_memory_type') = 'windows' THEN
      in_place := true;
    ELSE
      BEGIN
        ${run("test")}
      EXCEPTION WHEN OTHERS THEN
        in_place := true;
      END;
    END IF;`;

function either(renaming: string, overwriting: string): string {
  return `
    IF in_place THEN
      ${overwriting}
    ELSE
      ${renaming}
    END IF;`;
}

/** Puts `wanted` there, and keeps copies of both. */
export const PUT = either(
  `shell := shell || 'length=' || pg_catalog.length(wanted) || '; ';
      ${run("put", WANTED)}`,
  `kept := ${IN_DATA_DIRECTORY};
      ${overwrite([before, "earlier"], [after, "wanted"], ["file", "wanted"])}`,
);

/** Puts `earlier` back. */
export const BACK = either(run("back"), overwrite(["file", "earlier"], [after, empty], [before, empty]));

/** The copies are not needed any more. */
export const DONE = either(run("done"), overwrite([after, empty], [before, empty]));
