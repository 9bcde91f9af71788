import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
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

/** The pages of docs/ for people; the Pulumi Registry shows the other two. */
const opened = globSync("docs/*.md", { cwd: packageRoot }).filter(
    (page) => !["docs/_index.md", "docs/installation-configuration.md"].includes(page),
);

test("each page says in its first sentence what it is for", (t) => {
    for (const page of opened) {
        const [, title = "", opening = ""] = /^# (.+)\n\n(.+)/.exec(read(page)) ?? [];
        t.not(title, "", page);
        t.regex(opening, /^This page /, page);
    }
});
