import { appendFileSync } from "node:fs";
import type { ExecutionContext } from "ava";
import fc from "fast-check";

/** How long each property is tried, in seconds; CONTRIBUTING.md names the variables. */
const seconds = Number(process.env.DEFENDER_FUZZ_SECONDS || 0.15);
const givenSeed = process.env.DEFENDER_FUZZ_SEED;

/** The figures that `npm run test:fuzz` prints for one property. */
export interface FuzzFigures {
    readonly target: string;
    readonly runs: number;
    readonly failures: number;
    readonly seed: number;
}

/** Tries a property for the set time, and fails with the smallest counterexample found and its seed. */
export async function fuzz(
    t: ExecutionContext,
    target: string,
    property: fc.IRawProperty<unknown> | fc.IAsyncProperty<unknown>,
): Promise<void> {
    t.timeout(1_000 * (2 * seconds + 60));
    const check = (bound: fc.Parameters<unknown>) =>
        fc.check(property as fc.IAsyncProperty<unknown>, {
            includeErrorInReport: true,
            ...bound,
            ...(givenSeed ? { seed: Number(givenSeed) } : {}),
        });
    // Shrinking has a time limit as well, because the seed repeats the run.
    const timed = await check({ numRuns: 1_000_000_000, interruptAfterTimeLimit: 1_000 * seconds });
    // On a busy machine a short time may be over before the first run.
    const details = timed.interrupted && timed.numRuns === 0 ? await check({ numRuns: 1 }) : timed;
    const { numRuns: runs, failed, seed } = details;
    const figures: FuzzFigures = { target, runs, failures: failed ? 1 : 0, seed };
    if (process.env.DEFENDER_FUZZ_REPORT) {
        appendFileSync(process.env.DEFENDER_FUZZ_REPORT, `${JSON.stringify(figures)}\n`);
    }
    t.false(failed, fc.defaultReportMessage(details) ?? "");
    t.true(runs > 0);
}
