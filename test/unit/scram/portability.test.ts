import { expect, it } from "vitest";
import { unportable } from "../../../src/scram/portability";

it.each<[string, string, RegExp | undefined]>([
  ["letters, digits and signs", "correct Horse 7 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", undefined],
  ["nothing", "", undefined],
  ["an umlaut, which stays as it is", "p\u00e4ss", /^has characters beyond printable ASCII/],
  ["an umlaut in two characters", "pa\u0308ss", /^is changed by SASLprep/],
  ["a ligature", "o\ufb03ce", /^is changed by SASLprep/],
  [
    "a control character, which the server lets pass in ASCII",
    "a\nb",
    /^has characters beyond printable ASCII/,
  ],
  ["both directions of writing", "abc\u05d0def", /^has characters that SASLprep refuses/],
])("a password of %s", (_case, password, problem) => {
  const said = unportable(password);
  if (problem === undefined) expect(said).toBeUndefined();
  else expect(said).toMatch(problem);
  if (password.length > 1) expect(said ?? "").not.toContain(password);
});
