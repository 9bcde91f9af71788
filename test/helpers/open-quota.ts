import { createQuota, type Quota, type QuotaOptions } from "../../provider/quota/quota.ts";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import { hourMs, minuteMs } from "../../provider/quota/quota-usage.ts";
import type { Clock } from "../../provider/system/clock.ts";

const limits = [
    { calls: 100, periodMs: minuteMs },
    { calls: 1_500, periodMs: hourMs },
];

/** A quota of its own with the API's limits, the lines that it logs, and the signal that stops it. */
export function openQuota(clock: Clock, changes: Partial<QuotaOptions> = {}) {
    const said: string[] = [];
    const stop = new AbortController();
    const store = memoryStore();
    const log = (line: string) => void said.push(line);
    return {
        quota: createQuota({ limits, store, clock, log, stop: stop.signal, gather: clock.sleep, ...changes }),
        said,
        stop,
    };
}

/** Acquires a lease and returns it at once, as for a request that takes no time. */
export async function call(quota: Quota, longest = {}): Promise<void> {
    using _ = await quota.acquire(longest);
}

/** Begins this many at once, and waits for all. */
export const many = (count: number, one: (nth: number) => Promise<void>) =>
    Promise.all(Array.from({ length: count }, (_, nth) => one(nth)));
