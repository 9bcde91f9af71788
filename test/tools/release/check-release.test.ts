import test from "ava";
import { npmTagOf, problemsOf } from "../../../tools/release/check-release.ts";

const repository = { url: "git+https://github.com/owner/name.git" };
const peers = (range: string) => ({ peerDependencies: { "defender-machine-actions-simulator": range } });
const files = {
    manifest: { version: "1.2.3", repository, ...peers(">=1.0.0 <2") },
    simulator: { version: "1.2.3", repository },
    changelog: "# Changelog\n\n## [1.2.3] - 2026-11-27\n",
};

test("a tag that names version, changelog and repository may be released", (t) => {
    t.deepEqual(problemsOf("v1.2.3", "owner/name", files), []);
});

test("each difference is said with both values", (t) => {
    t.deepEqual(problemsOf("v1.2.4", "owner/name", files), [
        "the tag is v1.2.4, package.json has version 1.2.3: expected v1.2.3",
    ]);
    t.deepEqual(problemsOf("v1.2.3", "fork/name", files), [
        "repository.url in package.json is git+https://github.com/owner/name.git: expected git+https://github.com/fork/name.git",
        "repository.url in simulator/package.json is git+https://github.com/owner/name.git: expected git+https://github.com/fork/name.git",
    ]);
    const bare = { manifest: { version: "1.2.3" }, simulator: { version: "1.2.2" }, changelog: "## [1.2.2] - x" };
    t.deepEqual(problemsOf("v1.2.3", "owner/name", bare), [
        "simulator/package.json has version 1.2.2: expected 1.2.3",
        "the peer range of the simulator in package.json is not there: expected one with 1.2.3 in it",
        'CHANGELOG.md has no section "## [1.2.3] - DATE"',
        "repository.url in package.json is not there: expected git+https://github.com/owner/name.git",
        "repository.url in simulator/package.json is not there: expected git+https://github.com/owner/name.git",
    ]);
});

for (const [version, range, isIn] of [
    ["1.2.3", ">=1.0.0-rc.2 <2", true],
    ["1.0.0-rc.3", ">=1.0.0-rc.2 <2", true],
    ["1.1.0-rc.1", ">=1.0.0-rc.2 <2", false],
    ["1.0.0-rc.1", ">=1.0.0 <2", false],
    ["2.0.0", ">=1.0.0 <2", false],
] as const) {
    test(`a simulator ${version} ${isIn ? "fits" : "does not fit"} the peer range ${range}`, (t) => {
        const problems = problemsOf(`v${version}`, "owner/name", {
            manifest: { version, repository, ...peers(range) },
            simulator: { version, repository },
            changelog: `\n## [${version}] - 2026-11-27\n`,
        });
        t.deepEqual(
            problems,
            isIn
                ? []
                : [`the peer range of the simulator in package.json is ${range}: expected one with ${version} in it`],
        );
    });
}

test("a release candidate is not what is installed without a version", (t) => {
    t.is(npmTagOf("v1.0.0-rc.1"), "next");
    t.is(npmTagOf("v1.0.0"), "latest");
});
