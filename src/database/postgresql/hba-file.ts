/**
 * How the server itself puts a text in the place of its HBA file, and takes it back: parts of a DO block, which goes on where
 * the client that sent it is gone. Their variables:
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
 * Another file, which is renamed: at every moment the whole of a text is there, even if the machine stops. The mode of the file
 * stays, and its kept copies have it too. \`r\` is the file that a symbolic link leads to.
 */
const SCRIPT = {
  head: `set -eu; umask 077
r=$f; [ ! -L "$f" ] || r=$(readlink -f "$f")
b=$f${BEFORE}; a=$f${AFTER}; t=$r.pulumi-scram-new
flush() { sync "$@" 2>/dev/null || sync; }
`,
  /** A link succeeds where a renaming will: the folder can be written, and the file is no mount of its own. */
  test: `for c in cp mv rm tail head wc sync; do command -v $c >/dev/null; done
[ -O "$r" ]; [ -w "$r" ]; [ -w "\${f%/*}" ]
rm -f "$t"; ln "$r" "$t"; rm "$t"`,
  /** Of a binary COPY, less what comes before its one value; short if the server breaks it off. */
  put: `rm -f "$a" "$b" "$t"
cp -p "$r" "$b"; cp -p "$r" "$t"
tail -c +26 | head -c "$n" >"$t"
[ "$(wc -c <"$t")" -eq "$n" ]
cp -p "$t" "$a"; flush "$t" "$a" "$b"
mv -f "$t" "$r"`,
  back: `mv -f "$b" "$t"; mv -f "$t" "$r"; rm -f "$a"`,
  done: `rm -f "$a" "$b"; flush "\${f%/*}"`,
} as const;

const NOTHING = "COPY (SELECT NULL WHERE false) TO PROGRAM %L";
const WANTED = `COPY (SELECT pg_catalog.decode(pg_catalog.current_setting(''pulumi_scram.wanted''), ''base64'')) TO PROGRAM %L (FORMAT binary)`;

function run(script: keyof typeof SCRIPT, copy = NOTHING): string {
  return `EXECUTE pg_catalog.format('${copy}', shell || $sh$${SCRIPT[script]}$sh$);`;
}

/**
 * A large object is the one thing that SQL exports byte for byte. It overwrites, readable by everybody, and cannot delete: the
 * copies are kept in the data directory, which nobody else may enter, and emptied.
 */
function overwrite(...texts: readonly (readonly [path: string, content: string])[]): string {
  return `FOR item IN SELECT path, content FROM (VALUES ${texts.map((text) => `(${text})`).join(", ")}) AS v (path, content) LOOP
        object := pg_catalog.lo_from_bytea(0, item.content);
        PERFORM pg_catalog.lo_export(object, item.path);
        PERFORM pg_catalog.lo_unlink(object);
      END LOOP;`;
}

const before = `kept || '${BEFORE}'`;
const after = `kept || '${AFTER}'`;
const empty = "''::bytea";

/** Finds out by which of the two ways it goes. */
export const CHOOSE_WAY = `
  shell := 'f=''' || pg_catalog.replace(file, '''', '''"''"''') || '''; n=0; ' || $sh$${SCRIPT.head}$sh$;
  IF pg_catalog.current_setting('dynamic_shared_memory_type') = 'windows' THEN
    in_place := true;
  ELSE
    BEGIN
      ${run("test")}
    EXCEPTION WHEN OTHERS THEN
      in_place := true;
    END;
  END IF;`;

export const DATA_DIRECTORY_COPIES = "pg_catalog.current_setting('data_directory') || '/pg_hba.conf'";

function either(renaming: string, overwriting: string): string {
  return `
    IF in_place THEN
      ${overwriting}
    ELSE
      ${renaming}
    END IF;`;
}

/** Takes `found` away and puts `wanted` there. */
export const PUT = either(
  `shell := shell || 'n=' || pg_catalog.length(wanted) || E'\\n';
      ${run("put", WANTED)}`,
  `kept := ${DATA_DIRECTORY_COPIES};
      ${overwrite([before, "found"], [after, "wanted"], ["file", "wanted"])}`,
);

/** Puts `found` back. */
export const BACK = either(run("back"), overwrite(["file", "found"], [after, empty], [before, empty]));

/** The copies are not needed any more. */
export const DONE = either(run("done"), overwrite([after, empty], [before, empty]));
