import { existsSync, globSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import test from "ava";
import { packageRoot } from "./helpers/engine.ts";

const read = (path: string) => readFileSync(join(packageRoot, path), "utf8");
const linksOf = (path: string) => [...read(path).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, link = ""]) => link);

test("docs/README.md leads to every page of docs/", (t) => {
    const listed = new Set(linksOf("docs/README.md"));
    const pages = globSync("*.md", { cwd: join(packageRoot, "docs") });
    t.true(pages.length > 20);
    t.deepEqual(
        pages.filter((page) => page !== "README.md" && !listed.has(page)),
        [],
    );
});

/** The pages of docs/ whose links to examples and simulator lead to the repository, which the package does not have. */
const packed = [
    ...["README", "apply", "architecture", "audit", "break-glass", "command-line", "compatibility", "doctor", "faq"],
    ...["glossary", "how-it-works", "performance", "reliability", "scale", "troubleshooting", "upgrading", "verify"],
].map((name) => `docs/${name}.md`);

test("a relative link of a page leads to a file that the package has", (t) => {
    const { files } = JSON.parse(read("package.json")) as { readonly files: readonly string[] };
    const inPackage = (path: string) =>
        ["README.md", "LICENSE", ...files].some((one) => path === one || path.startsWith(`${one}/`));
    for (const page of ["CHANGELOG.md", ...packed]) {
        const targets = linksOf(page)
            .filter((link) => !/^[a-z]+:/.test(link))
            .map((link) => relative(packageRoot, resolve(packageRoot, page, "..", link)));
        t.deepEqual(
            targets.filter((path) => !inPackage(path) || !existsSync(join(packageRoot, path))),
            [],
            page,
        );
    }
});

test("each page says in its first sentence what it is for", (t) => {
    for (const page of packed) {
        const [, title = "", opening = ""] = /^# (.+)\n\n(.+)/.exec(read(page)) ?? [];
        t.not(title, "", page);
        t.regex(opening, /^This page /, page);
    }
});
