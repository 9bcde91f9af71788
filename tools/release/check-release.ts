// Whether a tag may be released: node tools/release/check-release.ts v1.2.3 OWNER/REPOSITORY
// Prints the npm tag under which it is published.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What is compared with the tag. */
export interface ReleaseFiles {
    readonly manifest: { readonly version: string; readonly repository?: { readonly url?: string } | string };
    readonly changelog: string;
}

/** What stands against releasing this tag from this repository, in words; empty when nothing does. */
export function problemsOf(tag: string, repository: string, { manifest, changelog }: ReleaseFiles): string[] {
    const { version } = manifest;
    const url = typeof manifest.repository === "string" ? manifest.repository : manifest.repository?.url;
    const wanted = `git+https://github.com/${repository}.git`;
    const problems: string[] = [];
    if (tag !== `v${version}`) {
        problems.push(`the tag is ${tag}, package.json has version ${version}: expected v${version}`);
    }
    if (!changelog.includes(`\n## [${version}] - `)) {
        problems.push(`CHANGELOG.md has no section "## [${version}] - DATE"`);
    }
    if (url !== wanted) {
        // npm refuses provenance that names another repository than the package does.
        problems.push(`repository.url in package.json is ${url ?? "not there"}: expected ${wanted}`);
    }
    return problems;
}

/** Whoever installs without a version gets no release candidate. */
export function npmTagOf(tag: string): "latest" | "next" {
    return tag.includes("-") ? "next" : "latest";
}

if (import.meta.main) {
    const [tag = "", repository = ""] = process.argv.slice(2);
    const read = (name: string) => readFileSync(join(import.meta.dirname, "../..", name), "utf8");
    const problems = problemsOf(tag, repository, {
        manifest: JSON.parse(read("package.json")) as ReleaseFiles["manifest"],
        changelog: read("CHANGELOG.md"),
    });
    for (const problem of problems) {
        console.error(problem);
    }
    if (problems.length === 0) {
        console.log(npmTagOf(tag));
    }
    process.exitCode = problems.length === 0 ? 0 : 1;
}
