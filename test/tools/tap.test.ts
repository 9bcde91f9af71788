import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { execa } from "execa";
import { createTapReader, summaryOf, type TapResult } from "../../tools/tap.ts";

const root = join(import.meta.dirname, "..", "..");
const recordings = join(import.meta.dirname, "ava-tap");

function readTap(text: string, exitCode: number): TapResult & { readonly shown: readonly string[] } {
    const shown: string[] = [];
    const reader = createTapReader((line) => shown.push(line));
    for (const line of text.split("\n")) {
        reader.read(line);
    }
    return { ...reader.end(exitCode), shown };
}

// Each file holds what AVA 8.0.1 said with --tap of one run: a file with two tests that pass, a known failure, one
// skipped and one to do, and a second file with the fault that gives the recording its name.
const runs: ReadonlyArray<readonly [name: string, passed: number, failed: number]> = [
    ["passed", 3, 0],
    ["failed-test", 4, 1],
    // The hook, and the test that it kept from running.
    ["failed-hook", 3, 2],
    // The exception, and the exit that came of it; so with the next two.
    ["uncaught-exception", 3, 2],
    ["unhandled-rejection", 4, 2],
    ["module-not-found", 3, 2],
    ["never-resolved", 4, 1],
    ["unexpected-pass", 3, 1],
    ["no-tests-in-file", 3, 1],
    // AVA's exit code alone tells that a file did not end.
    ["no-exit", 5, 1],
    // AVA's reporter dies of these two.
    ["pending-test", 4, 1],
    ["process-exit", 1, 1],
    ["no-files", 0, 1],
    ["died", 3, 1],
];

for (const [name, passed, failed] of runs) {
    test(`the recorded run "${name}" counts as ${passed} passed, ${failed} failed`, async (t) => {
        const result = readTap(await readFile(join(recordings, `${name}.txt`), "utf8"), name === "passed" ? 0 : 1);
        t.like(result, { passed, failed });
    });
}

test("a run that said nothing failed, whatever its exit code", (t) => {
    t.like(readTap("", 0), { passed: 0, failed: 1, isComplete: false });
});

test("what else is printed in the words of a result is shown and not counted", (t) => {
    const result = readTap(
        "TAP version 13\nok then\nok 1 - a\n\n1..1\n# tests 1\n# pass 1\n# fail 0\n\n12 failed\n",
        0,
    );
    t.like(result, { passed: 1, failed: 0, isComplete: true });
    t.deepEqual(result.shown, ["ok then", "  ✔ a", "12 failed"]);
});

test("a failure is shown at once by its title, and in full at the end", async (t) => {
    const result = readTap(await readFile(join(recordings, "failed-test.txt"), "utf8"), 1);
    t.true(result.shown.includes("  ✘ [fail]: z › fails"));
    const summary = summaryOf(result);
    t.regex(summary, /^ {2}z › fails\n/);
    t.regex(summary, /ℹ {3}a: 1,|ℹ a note/);
    t.regex(summary, /-\s+a: 1,\n\s+\+\s+a: 2,/);
    t.regex(summary, /\n {2}4 tests passed\n {2}1 failed\n {2}1 test skipped\n {2}1 test todo$/);
});

test("AVA itself speaks as it is recorded, and names the line of the test that failed", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "tap-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, "test"));
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    await writeFile(
        join(folder, "test/z.js"),
        'import test from "ava";\n\ntest("fails", (t) => t.is(1, 2));\ntest("passes", (t) => t.pass());\n',
    );
    const frames = `--node-arguments=--import=${join(root, "tools/own-frames.mjs")}`;
    const { stdout, exitCode } = await execa("ava", ["--tap", frames], {
        cwd: folder,
        preferLocal: true,
        localDir: root,
        reject: false,
        env: { NODE_V8_COVERAGE: "" },
    });
    const result = readTap(stdout, exitCode ?? 1);
    t.like(result, { passed: 1, failed: 1, isComplete: true }, stdout);
    t.regex(result.failures[0] ?? "", /at: .*z\.js:3:\d+/);
});
