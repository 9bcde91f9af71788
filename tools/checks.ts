import { stripVTControlCharacters } from "node:util";

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
    table(): string;
    readonly failed: number;
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
        table() {
            const width = Math.max(...results.map(({ name }) => name.length));
            return results
                .map(
                    ({ name, seconds, problem }) =>
                        `${problem === undefined ? "passed" : "FAILED"}  ${name.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s`,
                )
                .join("\n");
        },
        get failed() {
            return results.filter(({ problem }) => problem !== undefined).length;
        },
    };
}
