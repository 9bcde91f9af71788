import type { FaultPlan } from "../../simulator/index.ts";

/** The API that a set works with. */
export interface Condition {
    readonly name: string;
    /** From the client to the API, in simulated milliseconds. */
    readonly latencyMs: number;
    readonly faults?: FaultPlan;
}

/** Lists of 150 ids with and without latency, then APIs that refuse the longer forms of a list. */
export const conditions: readonly Condition[] = [0, 1_000].flatMap((latencyMs): Condition[] => {
    const way = latencyMs === 0 ? "no latency" : `${latencyMs / 1_000} s latency`;
    return [
        { name: `${way}, in lists of 150`, latencyMs },
        { name: `${way}, in lists of 40`, latencyMs, faults: listsOf({ in: 40, or: 15 }) },
        { name: `${way}, or lists of 15`, latencyMs, faults: listsOf({ in: 0, or: 15 }) },
        { name: `${way}, single reads`, latencyMs, faults: listsOf({ in: 0, or: 1 }) },
    ];
});

const refused = JSON.stringify({ error: { code: "ODataError", message: "The node count limit has been exceeded." } });

/** An API that takes at most this many ids in a list, by the form of its filter. */
function listsOf(most: { readonly in: number; readonly or: number }): FaultPlan {
    return ({ operation, query = "" }) => {
        const filter = new URLSearchParams(query).get("$filter") ?? "";
        const ids = filter.match(/'[0-9a-f-]{36,40}'/gi)?.length ?? 0;
        const isTooLong = ids > (/ in \(/.test(filter) ? most.in : most.or);
        return isTooLong && (operation === "list" || operation === "machines")
            ? { name: "answer", when: "before", status: 400, body: refused }
            : undefined;
    };
}
