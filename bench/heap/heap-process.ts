/**
 * Cancels a set and measures the heap of its own process before, during and after it, each time after a collection.
 * Needs `--expose-gc`. Takes a {@link HeapTask} as a message, and answers with a {@link HeapGrowth}.
 */

import { setLifecycle } from "../../provider/lifecycles/set/set-lifecycle.ts";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import { readSettings } from "../../provider/session/config.ts";
import { openSession } from "../../provider/session/session.ts";

/** The actions to cancel, at an API that has no quota. */
export interface HeapTask {
    readonly url: string;
    /** Cancelled first, because the memory that the first use of a module takes is not growth. */
    readonly warmUp: readonly string[];
    readonly ids: readonly string[];
}

/** Bytes above the heap before. */
export interface HeapGrowth {
    /** The maximum while it ran. */
    readonly peak: number;
    /** At the end, with the results and the session still in use. */
    readonly kept: number;
}

/** How many times the heap is measured while cancel requests go out. */
const looks = 20;

function heapUsed(): number {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
}

function inputsOf(ids: readonly string[]) {
    const cancellations = ids.map((machineActionId) => ({ machineActionId, expect: { type: "Isolate" } }));
    return { cancellations, comment: "INC-4711", declaredBy: "incident/prod/wrong", maxCancellations: 5_000 };
}

process.once("message", async ({ url, warmUp, ids }: HeapTask) => {
    const settings = readSettings(() => undefined, {
        DEFENDER_API_URL: url,
        DEFENDER_ACCESS_TOKEN: "bench-token",
        DEFENDER_REQUESTS_PER_MINUTE: "1000000",
        DEFENDER_REQUESTS_PER_HOUR: "1000000",
    });
    const session = openSession(settings, { quotaStore: memoryStore(), log: () => {} });
    let sent = 0;
    let peak = 0;
    const watched: typeof session = {
        ...session,
        send(...request) {
            if (sent++ % Math.ceil(ids.length / looks) === 0) {
                peak = Math.max(peak, heapUsed());
            }
            return session.send(...request);
        },
    };
    const { create } = setLifecycle(() => watched, { log: () => {} });
    await create(inputsOf(warmUp));
    const inputs = inputsOf(ids);
    const before = heapUsed();
    peak = before;
    const results = await create(inputs);
    const after = heapUsed();
    if (results.id === "" || process.send === undefined) {
        throw new Error("the set was not created, or this process has no parent to answer");
    }
    process.send({ peak: Math.max(peak, after) - before, kept: after - before } satisfies HeapGrowth);
    process.disconnect();
});
