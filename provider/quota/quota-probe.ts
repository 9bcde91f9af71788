import {
    countedFrom,
    freeAt,
    type LearntLimit,
    type Limit,
    minuteMs,
    type QuotaUsage,
    shareAt,
    withoutLease,
} from "./quota-usage.ts";

/**
 * How long a pause or a limit that the API names is respected, in milliseconds. Then a read tests it, because one wrong
 * `Retry-After` must not stop every process for a day.
 */
export const maxBeliefMs: number = 15 * minuteMs;

/** Whether a learnt limit can delay a call by more than {@link maxBeliefMs}. */
export function isDoubtful({ periodMs }: Limit): boolean {
    return periodMs > maxBeliefMs;
}

/** Whether a learnt limit is doubtful and allows no call now. */
export function isHolding(usage: QuotaUsage, learnt: LearntLimit, now: number): boolean {
    const { periodMs } = learnt;
    return isDoubtful(learnt) && freeAt(countedFrom(usage, now), { calls: shareAt(learnt, now), periodMs }, now) > now;
}

/**
 * The doubtful limits that delayed a probe. The probe's own call is not counted, because a limit that had room for the
 * probe did not delay it.
 */
export function delayedProbe(usage: QuotaUsage, lease: string, now: number): readonly LearntLimit[] {
    const others = withoutLease(usage, lease);
    return usage.probe?.lease === lease ? usage.learnt.filter((limit) => isHolding(others, limit, now)) : [];
}

/** The usage after the API has answered a probe, without the pause and the limits that delayed the probe. */
export function withProbePassed(usage: QuotaUsage, lease: string, now: number): QuotaUsage {
    const passed = delayedProbe(usage, lease, now);
    return usage.probe?.lease === lease
        ? { ...usage, pause: undefined, learnt: usage.learnt.filter((limit) => !passed.includes(limit)) }
        : usage;
}
