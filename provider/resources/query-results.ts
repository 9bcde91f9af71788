import * as pulumi from "@pulumi/pulumi";
import { isObject } from "../schema/input-rules.ts";
import { known } from "./preflight/known.ts";

// On globalThis: two copies of the package in one process share it.
const resultsKey = Symbol.for("pulumi-defender-cancellation/query-results");

/** The ids, in lower case, by the run of a program, which its stack stands for: a process may run several. */
const shared = globalThis as { [resultsKey]?: WeakMap<object, Set<string>> };

function resultsOfRuns(): WeakMap<object, Set<string>> {
    shared[resultsKey] ??= new WeakMap();
    return shared[resultsKey];
}

const thisRun = (): object => pulumi.runtime.getStackResource() ?? globalThis;

/** Takes note that this run of the program looks actions up. Gives what takes note of their ids. */
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
 * How many of the declared ids a look-up of the same run of the program has returned: the hidden input `fromQuery`, which
 * a policy reads. Nothing where there is none, and where a preview does not know the ids.
 */
export function countFromQuery(declared: pulumi.Input<readonly unknown[]>): Promise<number | undefined> | undefined {
    const run = thisRun();
    // What a list holds was there before this; a promised one may wait for a look-up that has not begun.
    if (Array.isArray(declared) && !resultsOfRuns().has(run)) {
        return undefined;
    }
    const count = (entries: readonly unknown[] | undefined): number | undefined => {
        const found = resultsOfRuns().get(run) ?? new Set();
        const ids = (Array.isArray(entries) ? entries : []).map((entry) => isObject(entry) && entry.machineActionId);
        return ids.filter((id) => typeof id === "string" && found.has(id.toLowerCase())).length || undefined;
    };
    // The registration itself fails where a promise does.
    return known(pulumi.output(declared) as pulumi.Output<readonly unknown[]>).then(count, () => undefined);
}
