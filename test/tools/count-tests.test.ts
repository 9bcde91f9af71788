import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { start } from "./program.ts";

const script = join(import.meta.dirname, "..", "..", "tools", "count-tests.mjs");
const outputs = join(import.meta.dirname, "ava-output");

async function count(path: string): Promise<{ code: number | null; stdout: string }> {
    const program = start(process.execPath, [script, path], { env: { NODE_V8_COVERAGE: "" } });
    const { code } = await program.ended;
    return { code, stdout: program.stdout() };
}

async function countText(t: ExecutionContext, log: string): Promise<{ code: number | null; stdout: string }> {
    const folder = await mkdtemp(join(tmpdir(), "count-tests-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, "log"), log);
    return count(join(folder, "log"));
}

// Each file holds what AVA 8.0.1 under c8 printed for one run: test.test.ts with two tests that pass (and one skipped,
// one to do, one known failure), and a second file with the fault that gives the recording its name.
const recordings: ReadonlyArray<readonly [name: string, counts: string]> = [
    ["passed", "2 passed, 0 failed"],
    ["failed-test", "3 passed, 1 failed"],
    // The hook, and the test that it kept from running.
    ["failed-hook", "2 passed, 2 failed"],
    ["uncaught-exception", "2 passed, 1 failed"],
    ["unhandled-rejection", "3 passed, 1 failed"],
    ["pending-test", "3 passed, 1 failed"],
    ["never-resolved", "3 passed, 1 failed"],
    ["unexpected-pass", "2 passed, 1 failed"],
    ["module-not-found", "2 passed, 1 failed"],
    // The exit, and two tests that it kept from running.
    ["process-exit", "2 passed, 3 failed"],
    ["no-tests-in-file", "2 passed, 1 failed"],
    ["no-exit", "4 passed, 1 failed"],
    ["no-files", "0 passed, 1 failed"],
    ["died", "2 passed, 1 failed"],
];

for (const [name, counts] of recordings) {
    test(`the recorded run "${name}" counts as ${counts}`, async (t) => {
        const { code, stdout } = await count(join(outputs, `${name}.txt`));
        t.is(stdout, `${counts}\n`);
        t.is(code, name === "passed" ? 0 : 1);
    });
}

test("a coloured output counts like a plain one", async (t) => {
    const log = "  \u001b[32m✔\u001b[39m a\n  \u001b[90m─\u001b[39m\n\n  \u001b[32m1 test passed\u001b[39m\n";
    t.deepEqual(await countText(t, log), { code: 0, stdout: "1 passed, 0 failed\n" });
});

test("a run that printed nothing counts as failed", async (t) => {
    t.deepEqual(await countText(t, ""), { code: 1, stdout: "0 passed, 1 failed\n" });
});

test("what other programs print in the words of a summary is not counted", async (t) => {
    const log = "12 tests passed\n  ✔ a\n  ─\n\n  1 test passed\n\n3 tests failed\n";
    t.deepEqual(await countText(t, log), { code: 0, stdout: "1 passed, 0 failed\n" });
});
