import { stripVTControlCharacters } from "node:util";
import { listenForSignals } from "./set-up/child.mjs";
import { explain } from "./set-up/explain.mjs";

/** A row of the table at the end. */
interface Result {
    readonly name: string;
    readonly seconds: number;
    /** Why it failed. */
    readonly problem?: string;
}

export interface Checks {
    /** Does the work and says how it ended; a check that throws has failed, and the following ones run all the same. */
    check(name: string, work: () => Promise<void>): Promise<void>;
    /** Prints a table of all checks; returns the exit code. */
    end(): number;
}

/**
 * Gives the process the exit code of its checks. A signal ends the programs that they run, and a failure of the set-up
 * is explained.
 */
export async function runChecks(work: () => Promise<number>): Promise<void> {
    const stopListening = listenForSignals();
    try {
        process.exitCode = await work().catch(explain);
    } finally {
        stopListening();
    }
}

export function createChecks(): Checks {
    const results: Result[] = [];
    return {
        async check(name, work) {
            const start = performance.now();
            let problem: string | undefined;
            try {
                await work();
            } catch (error) {
                problem = stripVTControlCharacters(error instanceof Error ? error.message : String(error));
            }
            const seconds = Math.round((performance.now() - start) / 100) / 10;
            results.push({ name, seconds, ...(problem === undefined ? {} : { problem }) });
            console.log(`${problem === undefined ? "passed" : "FAILED"}  ${name}`);
            if (problem !== undefined) {
                console.log(problem.replace(/^/gm, "        "));
            }
        },
        end() {
            const width = Math.max(...results.map(({ name }) => name.length));
            const lines = results.map(
                ({ name, seconds, problem }) =>
                    `${problem === undefined ? "passed" : "FAILED"}  ${name.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s`,
            );
            console.log(`\n${lines.join("\n")}`);
            return results.some(({ problem }) => problem !== undefined) ? 1 : 0;
        },
    };
}
