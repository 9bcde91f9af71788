/** A quota: at most so many requests in any period. */
interface Bound {
    readonly requests: number;
    readonly periodMs: number;
}

/**
 * The least time, in milliseconds, that so many cancellations can take: a cancel request for each, and after the last
 * of them one read that proves it.
 */
export function quotaBound(cancellations: number, quotas: readonly Bound[]): number {
    const times: number[] = [];
    for (let nth = 0; nth <= cancellations; nth++) {
        times.push(Math.max(0, ...quotas.map((quota) => (times[nth - quota.requests] ?? -Infinity) + quota.periodMs)));
    }
    return times.at(-1) ?? 0;
}
