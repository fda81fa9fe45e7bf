import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

const pages = [".", "docs", "docs/guides", "docs/reference"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(root, folder, name)),
);

/** What GitHub makes of a heading. */
function anchorsIn(page: string): Set<string> {
  const headings = withoutCode(readFileSync(page, "utf8")).matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```/gm, "");
}

function linksIn(page: string): string[] {
  const text = withoutCode(readFileSync(page, "utf8"));
  const links = [...text.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$/gm)].map(([, a, b]) => a ?? b ?? "");
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

it("every link in the documents leads to a file, and to a heading where it names one", () => {
  const links = pages.flatMap((page) => linksIn(page).map((link) => ({ page, link })));
  expect(links.length).toBeGreaterThan(100);
  const broken = links.filter(({ page, link }) => {
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : resolve(dirname(page), path);
    return !existsSync(target) || (anchor !== undefined && !anchorsIn(target).has(anchor));
  });
  expect(broken.map(({ page, link }) => `${relative(root, page)}: ${link}`)).toEqual([]);
});

it("every page is reached from the table of contents", () => {
  const contents = join(root, "docs/README.md");
  const listed = new Set(
    linksIn(contents).map((link) => resolve(dirname(contents), link.split("#")[0] ?? "")),
  );
  const docs = pages.filter((page) => page.startsWith(join(root, "docs")) && page !== contents);
  expect(docs.filter((page) => !listed.has(page)).map((page) => relative(root, page))).toEqual([]);
});
