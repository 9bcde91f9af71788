// Checks whether a tag may be released: node tools/release/check-release.ts v1.2.3 OWNER/REPOSITORY
// Prints the npm tag under which to publish it.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The fields of a package.json that are compared. */
export interface ReleaseManifest {
    readonly version: string;
    readonly repository?: { readonly url?: string } | string;
    readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The files that are compared with the tag. */
export interface ReleaseFiles {
    readonly manifest: ReleaseManifest;
    /** Of the package that is released with it. */
    readonly simulator: ReleaseManifest;
    readonly changelog: string;
}

/** The reasons why this tag must not be released from this repository; empty if it may be. */
export function problemsOf(
    tag: string,
    repository: string,
    { manifest, simulator, changelog }: ReleaseFiles,
): string[] {
    const { version } = manifest;
    const problems: string[] = [];
    if (tag !== `v${version}`) {
        problems.push(`the tag is ${tag}, package.json has version ${version}: expected v${version}`);
    }
    if (simulator.version !== version) {
        problems.push(`simulator/package.json has version ${simulator.version}: expected ${version}`);
    }
    const range = manifest.peerDependencies?.["defender-machine-actions-simulator"] ?? "not there";
    if (!admits(range, version)) {
        problems.push(
            `the peer range of the simulator in package.json is ${range}: expected one with ${version} in it`,
        );
    }
    if (!changelog.includes(`\n## [${version}] - `)) {
        problems.push(`CHANGELOG.md has no section "## [${version}] - DATE"`);
    }
    const wanted = `git+https://github.com/${repository}.git`;
    for (const [file, { repository: named }] of Object.entries({
        "package.json": manifest,
        "simulator/package.json": simulator,
    })) {
        const url = typeof named === "string" ? named : named?.url;
        if (url !== wanted) {
            // npm refuses provenance that names a different repository than the package does.
            problems.push(`repository.url in ${file} is ${url ?? "not there"}: expected ${wanted}`);
        }
    }
    return problems;
}

/**
 * Whether a range of the form `>=FIRST <MAJOR` has this version in it. A prerelease is in a range only if FIRST is one
 * of the same version (https://github.com/npm/node-semver#prerelease-tags).
 */
function admits(range: string, version: string): boolean {
    const [, first = "", end = ""] = /^>=(\S+) <(\d+)$/.exec(range) ?? [];
    const [release = "", prerelease] = version.split("-");
    const [firstRelease] = first.split("-");
    const isBeforeEnd = Number.parseInt(release, 10) < Number(end);
    return isBeforeEnd && (prerelease === undefined || (first.includes("-") && firstRelease === release));
}

/** Release candidates get `next`, so that an install without a version never gets one. */
export function npmTagOf(tag: string): "latest" | "next" {
    return tag.includes("-") ? "next" : "latest";
}

if (import.meta.main) {
    const [tag = "", repository = ""] = process.argv.slice(2);
    const read = (name: string) => readFileSync(join(import.meta.dirname, "../..", name), "utf8");
    const problems = problemsOf(tag, repository, {
        manifest: JSON.parse(read("package.json")) as ReleaseManifest,
        simulator: JSON.parse(read("simulator/package.json")) as ReleaseManifest,
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
