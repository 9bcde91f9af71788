import { existsSync, globSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import test from "ava";
import { manifestOf } from "../tools/release/packages.ts";
import { packageRoot } from "./helpers/engine.ts";

const pages = globSync(["*.md", "docs/*.md", "examples/*/*.md", "simulator/*.md"], { cwd: packageRoot });
const read = (path: string) => readFileSync(join(packageRoot, path), "utf8");

/** The page without its blocks of code, in which nothing is a link or a heading. */
const proseOf = (page: string) => read(page).replace(/^( *)```.*?^\1```$/gms, "");

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(page: string): Set<string> {
    const anchors = new Set<string>();
    for (const [, title = ""] of proseOf(page).matchAll(/^#+ (.*)$/gm)) {
        const plain = title.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
        const anchor = plain.replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
        anchors.add(anchors.has(anchor) ? `${anchor}-1` : anchor);
    }
    return anchors;
}

// npm writes the repository with a prefix and a suffix.
const repository = String((manifestOf(".").repository as { readonly url: string }).url).replace(/^git\+|\.git$/g, "");

/** The file and the anchor in this clone to which a link leads; undefined for other places. */
function targetOf(
    page: string,
    link: string,
): { readonly path: string; readonly anchor: string | undefined } | undefined {
    const [address = "", anchor] = link.split("#");
    const ofFile = `${repository}/blob/main/`;
    if (address.startsWith(ofFile)) {
        return { path: address.slice(ofFile.length), anchor };
    }
    if (/^[a-z]+:/.test(address)) {
        return undefined;
    }
    return { path: address === "" ? page : relative(packageRoot, resolve(packageRoot, page, "..", address)), anchor };
}

test("each link between the pages leads to a file, and to a heading in it", (t) => {
    const dead: string[] = [];
    let count = 0;
    for (const page of pages) {
        for (const [, link = ""] of proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
            // The Pulumi Registry has its own addresses.
            const target = page === "docs/_index.md" && link.startsWith("./") ? undefined : targetOf(page, link);
            if (target === undefined) {
                continue;
            }
            count += 1;
            const isThere = existsSync(join(packageRoot, target.path));
            const isAnchored =
                target.anchor === undefined ||
                (target.path.endsWith(".md") && anchorsOf(target.path).has(target.anchor));
            if (!isThere || !isAnchored) {
                dead.push(`${page}: ${link}`);
            }
        }
    }
    t.true(count > 200, String(count));
    t.deepEqual(dead, []);
});

/** The files of a package: what its `files` names, and what npm adds. */
function isPacked(folder: string, path: string): boolean {
    const { files } = JSON.parse(read(join(folder, "package.json"))) as { readonly files: readonly string[] };
    const inFolder = relative(join(packageRoot, folder), join(packageRoot, path));
    return ["README.md", "LICENSE", "package.json", ...files].some(
        (one) => inFolder === one || inFolder.startsWith(`${one}/`),
    );
}

test("each link between the pages of a package leads to a file of that package, and others to the repository", (t) => {
    for (const [folder, least] of [
        [".", 200],
        ["simulator", 8],
    ] as const) {
        const packed = pages.filter((page) => isPacked(folder, page));
        const links = packed.flatMap((page) =>
            [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => ({ page, link })),
        );
        t.true(links.length > least, `${folder}: ${links.length}`);
        const dead = links.filter(({ page, link }) =>
            /^[a-z]+:/.test(link)
                ? /\/pulumi-defender-cancellation\/blob\//.test(link) && !link.startsWith(`${repository}/blob/main/`)
                : !(page === "docs/_index.md" || isPacked(folder, targetOf(page, link)?.path ?? "")),
        );
        t.deepEqual(dead, []);
    }
});

test("a page of an example links to its own folder and to the repository, because the example is copied", (t) => {
    const examples = pages.filter((page) => page.startsWith("examples/"));
    t.true(examples.length > 8);
    for (const page of examples) {
        const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
        t.deepEqual(
            links.filter((link) => link.startsWith("../")),
            [],
            page,
        );
    }
});

test("the pages of the Pulumi Registry have its front matter, and links to the repository of package.json", (t) => {
    for (const page of ["docs/_index.md", "docs/installation-configuration.md"]) {
        const [, frontMatter = ""] = /^---\n(.*?)\n---\n/s.exec(read(page)) ?? [];
        t.regex(frontMatter, /^title: Microsoft Defender cancellations.*\nmeta_desc: .+\nlayout: package$/);
        const links = read(page).match(/https:\/\/github\.com\/[^)\s]+/g) ?? [];
        t.true(links.length > 0);
        t.deepEqual(
            links.filter((link) => !link.startsWith(`${repository}/`)),
            [],
            page,
        );
        // They are shown outside the repository, where a relative link leads to nothing.
        t.deepEqual(proseOf(page).match(/\]\((?!https:|\.\/installation-configuration\/)[^)]+\)/g), null, page);
    }
});
