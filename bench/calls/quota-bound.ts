/** A quota: at most this many requests in any period. */
interface Bound {
    readonly requests: number;
    readonly periodMs: number;
}

/** The earliest time at which each call can be sent, in milliseconds after the first. */
export function callTimes(calls: number, quotas: readonly Bound[]): number[] {
    const times: number[] = [];
    for (let nth = 0; nth < calls; nth++) {
        times.push(Math.max(0, ...quotas.map((quota) => (times[nth - quota.requests] ?? -Infinity) + quota.periodMs)));
    }
    return times;
}

/**
 * The least time, in milliseconds, that this many cancellations can take: a cancel request for each, and after the last
 * of them one read that proves it.
 */
export function quotaBound(cancellations: number, quotas: readonly Bound[]): number {
    return callTimes(cancellations + 1, quotas).at(-1) ?? 0;
}
