import test from "ava";
import { npmTagOf, problemsOf } from "../../../tools/release/check-release.ts";

const files = {
    manifest: { version: "1.2.3", repository: { url: "git+https://github.com/owner/name.git" } },
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
    ]);
    t.deepEqual(problemsOf("v1.2.3", "owner/name", { manifest: { version: "1.2.3" }, changelog: "## [1.2.2] - x" }), [
        'CHANGELOG.md has no section "## [1.2.3] - DATE"',
        "repository.url in package.json is not there: expected git+https://github.com/owner/name.git",
    ]);
});

test("a release candidate is not what is installed without a version", (t) => {
    t.is(npmTagOf("v1.0.0-rc.1"), "next");
    t.is(npmTagOf("v1.0.0"), "latest");
});
