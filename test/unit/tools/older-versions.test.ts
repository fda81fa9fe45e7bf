import { expect, it } from "vitest";
import { OLDER_VERSIONS, olderPrograms } from "../../../tools/postgres/older-versions.mts";

it.each(OLDER_VERSIONS)("PostgreSQL %s that was not downloaded: the sentence says how", (major) => {
  expect(() => olderPrograms(major, { XDG_CACHE_HOME: "/nowhere" })).toThrow(
    `PostgreSQL ${major} is not here: \`npm run test:versions -- ${major}\` downloads it`,
  );
});

it.each(["13", "18", "", "15.18"])("there is no older PostgreSQL %j to test on", (major) => {
  expect(() => olderPrograms(major)).toThrow(`"${major}" to test on, only 14, 15, 16, 17`);
});
