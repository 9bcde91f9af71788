/** A test runner for Stryker, which has none for AVA. ava-tests.ts describes how one process runs the tests. */
import { glob } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { InstrumenterContext, StrykerOptions } from "@stryker-mutator/api/core";
import { commonTokens, declareFactoryPlugin, PluginKind, tokens } from "@stryker-mutator/api/plugin";
import {
    DryRunStatus,
    MutantRunStatus,
    type TestResult,
    type TestRunner,
    TestStatus,
} from "@stryker-mutator/api/test-runner";
import fc from "fast-check";
import type { Area } from "./areas.ts";
import { type DeclaredTest, loadTests } from "./ava-tests.ts";
import { createPatience } from "./patience.ts";

/** The part of Stryker's configuration that is ours. */
export interface AvaOptions {
    readonly ava: Area;
}

/** The test that failed, and the reason. */
interface Failure {
    readonly id: string;
    readonly message: string;
    /** Set if the test did not fail but did not end. */
    readonly isEndless?: true;
}

const maxTogether = 16;

async function pathsOf(patterns: readonly string[]): Promise<string[]> {
    const paths = (await Array.fromAsync(glob([...patterns]))).sort();
    return [...new Set(paths)].map((path) => resolve(path));
}

/** One test, then two, then four together, because the first test kills most mutants. */
function* batchesOf(tests: readonly DeclaredTest[]): Iterable<readonly DeclaredTest[]> {
    for (let [at, size] = [0, 1]; at < tests.length; at += size, size = Math.min(2 * size, maxTogether)) {
        yield tests.slice(at, at + size);
    }
}

function createRunner(options: StrykerOptions): TestRunner {
    const { sources, tests: testFiles } = (options as StrykerOptions & AvaOptions).ava;
    // The object through which Stryker switches the mutants in the mutated sources on and off.
    const shared = globalThis as { __stryker__?: InstrumenterContext };
    shared.__stryker__ ??= {};
    const stryker = shared.__stryker__;

    // Stryker runs this in a folder of its own, which it removes.
    const patience = createPatience("mutant-test-times.json");
    let tests: readonly DeclaredTest[] | undefined;
    /** Uncaught errors, which AVA counts as failures too. */
    const stray = new Map<unknown, unknown>();
    process.on("uncaughtException", (error) => stray.set(error, error));
    process.on("unhandledRejection", (error, promise) => stray.set(promise, error));
    process.on("rejectionHandled", (promise) => stray.delete(promise));

    async function allTests(): Promise<readonly DeclaredTest[]> {
        if (!tests) {
            // The same numbers for each mutant. The smallest counterexample is not needed, so a failure ends the run.
            fc.configureGlobal({ seed: 4711, endOnFailure: true });
            // Otherwise the time to load a source would count for the test that needs it first.
            for (const path of await pathsOf(sources)) {
                await import(pathToFileURL(path).href);
            }
            tests = await loadTests(await pathsOf(testFiles));
        }
        return tests;
    }

    /** Runs tests together, as AVA does those of a file. Returns the first that failed, and why. */
    async function run(batch: readonly DeclaredTest[]): Promise<Failure | undefined> {
        stray.clear();
        const ids = batch.map(({ id }) => id);
        const ended = new AbortController();
        const failures = Promise.all(batch.map(async (test) => ({ id: test.id, message: await test.run() })));
        const outcome = await Promise.race([failures, patience.isOver(ids, ended.signal)]);
        ended.abort();
        await turn();
        if (outcome === undefined) {
            return { id: ids.join("; "), message: "does not end", isEndless: true };
        }
        const thrown = [...stray.values()].map((error) => ({ id: ids.join("; "), message: String(error) }));
        for (const { id, message } of [...outcome, ...thrown]) {
            if (message !== undefined) {
                return { id, message };
            }
        }
        return undefined;
    }

    /** The tests of the mutated file first, then the fastest ones. */
    function inOrder(chosen: readonly DeclaredTest[], source: string): DeclaredTest[] {
        const own = `${basename(source, ".ts")}.test.ts`;
        const rank = ({ id, file }: DeclaredTest) => (basename(file) === own ? 0 : 1e9) + patience.tookMs(id);
        return [...chosen].sort((one, other) => rank(one) - rank(other));
    }

    return {
        capabilities: () => ({ reloadEnvironment: false }),

        async dryRun() {
            stryker.mutantCoverage = { static: {}, perTest: {} };
            const results: TestResult[] = [];
            for (const test of await allTests()) {
                stryker.currentTestId = test.id;
                const began = performance.now();
                const failed = await run([test]);
                const timeSpentMs = performance.now() - began;
                patience.note(test.id, timeSpentMs);
                const result = { id: test.id, name: test.title, fileName: test.file, timeSpentMs };
                results.push(
                    failed
                        ? { ...result, status: TestStatus.Failed, failureMessage: failed.message }
                        : { ...result, status: TestStatus.Success },
                );
            }
            delete stryker.currentTestId;
            patience.keep();
            return { status: DryRunStatus.Complete, tests: results, mutantCoverage: stryker.mutantCoverage };
        },

        async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit, sandboxFileName }) {
            if (mutantActivation === "static") {
                stryker.activeMutant = activeMutant.id;
            }
            const chosen = (await allTests()).filter(({ id }) => testFilter?.includes(id) ?? true);
            stryker.activeMutant = activeMutant.id;
            // Read by the programs that a test starts.
            process.env.__STRYKER_ACTIVE_MUTANT__ = activeMutant.id;
            Object.assign(stryker, { hitCount: 0, hitLimit });
            let nrOfTests = 0;
            try {
                for (const batch of batchesOf(inOrder(chosen, sandboxFileName))) {
                    nrOfTests += batch.length;
                    const failed = await run(batch);
                    if (failed?.isEndless || (stryker.hitCount ?? 0) > (hitLimit ?? Number.POSITIVE_INFINITY)) {
                        return { status: MutantRunStatus.Timeout, reason: `endless: ${failed?.id}` };
                    }
                    if (failed) {
                        const { id, message } = failed;
                        return { status: MutantRunStatus.Killed, killedBy: [id], failureMessage: message, nrOfTests };
                    }
                }
                return { status: MutantRunStatus.Survived, nrOfTests };
            } finally {
                delete stryker.activeMutant;
                delete process.env.__STRYKER_ACTIVE_MUTANT__;
            }
        },
    };
}
createRunner.inject = tokens(commonTokens.options);

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, "ava", createRunner)];

/** Declares the options to Stryker as valid. */
export const strykerValidationSchema = { properties: { ava: { type: "object" } } };
