import * as pulumi from "@pulumi/pulumi";
import { countAmong } from "../api/action-query.ts";
import { known } from "./preflight/known.ts";

// On globalThis, so that two copies of the package in one process share it.
const resultsKey = Symbol.for("pulumi-defender-cancellation/query-results");

/**
 * The ids in lower case, by run of a program. The key is the run's stack, because a process may run several programs.
 */
const shared = globalThis as { [resultsKey]?: WeakMap<object, Set<string>> };

function resultsOfRuns(): WeakMap<object, Set<string>> {
    shared[resultsKey] ??= new WeakMap();
    return shared[resultsKey];
}

const thisRun = (): object => pulumi.runtime.getStackResource() ?? globalThis;

/** Records that this run of the program looks actions up. Returns a function that records the ids it found. */
export function expectResults(): (ids: Iterable<string>) => void {
    const runs = resultsOfRuns();
    const found = runs.get(thisRun()) ?? new Set();
    runs.set(thisRun(), found);
    return (ids) => {
        for (const id of ids) {
            found.add(id.toLowerCase());
        }
    };
}

/**
 * How many of the declared ids a look-up in the same run of the program has returned. A policy reads this number as the
 * hidden input `fromQuery`. Undefined where it is 0, and where a preview does not know the ids.
 */
export function countFromQuery(declared: pulumi.Input<readonly unknown[]>): Promise<number | undefined> | undefined {
    const run = thisRun();
    // A plain list already has its ids, while a promised list may depend on a look-up that has not begun.
    if (Array.isArray(declared) && !resultsOfRuns().has(run)) {
        return undefined;
    }
    const count = (entries: readonly unknown[] | undefined): number | undefined => {
        const found = resultsOfRuns().get(run) ?? new Set();
        return countAmong(found, Array.isArray(entries) ? entries : []);
    };
    // Where the promise rejects, the registration itself fails.
    return known(pulumi.output(declared) as pulumi.Output<readonly unknown[]>).then(count, () => undefined);
}
