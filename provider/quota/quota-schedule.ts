import { isDoubtful, maxBeliefMs } from "./quota-probe.ts";
import {
    type CurrentLimit,
    countedFrom,
    freeAt,
    isWithin,
    type Limit,
    limitsAt,
    minuteMs,
    type QuotaUsage,
} from "./quota-usage.ts";

/** When the usage allows the next call. */
export interface Schedule {
    /** When the call may be sent, as far as is known now. */
    readonly at: number;
    /** The limit or pause that delays the call until `at`. */
    readonly heldBy: CurrentLimit | "pause" | undefined;
    /**
     * The time before `at` when one read may test whether the API's pause or limit still applies; undefined if that
     * time would not be before `at`. While a probe is under way, this is now, because the answer to the probe decides.
     */
    readonly probeAt: number | undefined;
    readonly isProbed: boolean;
    /** When the API began to refuse every call. */
    readonly pausedSince: number | undefined;
    /** How many requests of this process may be in flight, given how long they take. */
    readonly maxInFlight: (meanLatencyMs: number) => number;
    /**
     * The earliest possible time for a call that has `ahead` calls before it, assuming that other clients leave us the
     * whole quota.
     */
    readonly slotFor: (ahead: number) => { readonly at: number; readonly limit: CurrentLimit | undefined };
}

/**
 * The lowest quota seen in the field, in calls a minute. If fewer calls than this count in the last minute, even
 * {@link manyInFlight} requests in flight cannot exceed a quota.
 */
const lowestQuota = 30;
const manyInFlight = 8;
/** This many calls may be refused before a quota below the configured one is learnt. */
const minInFlight = 2;

/**
 * The calls that a quota allows are sent within this time, in milliseconds, because a cancel request must follow its
 * reading within 15 s.
 */
const burstMs = 12_000;

/** The minimum time between probes, so that a probe without an answer is not followed by the next one at once. */
const probesApartMs = minuteMs;

/** The schedule that the usage allows. The usage must be tidied. */
export function scheduleOf(usage: QuotaUsage, configured: readonly Limit[], now: number): Schedule {
    const counted = countedFrom(usage, now);
    const limits = limitsAt(usage, configured, now);
    const { at, limit } = latest(limits, now, (one) => freeAt(counted, one, now));
    const pausedUntil = usage.pause?.until ?? 0;
    const heldUntil = Math.max(at, pausedUntil);
    const isProbed = usage.probe !== undefined && usage.probe.lease in usage.open;
    // A call that is free now needs no probe. The early exit saves time, because an update that opens many leases makes
    // a schedule for each of them.
    const probeAt = heldUntil <= now ? now : isProbed ? now : nextProbeAt(usage, configured, now);
    return {
        ...(pausedUntil > at ? { at: pausedUntil, heldBy: "pause" } : { at, heldBy: limit }),
        probeAt: probeAt < heldUntil ? probeAt : undefined,
        isProbed,
        pausedSince: usage.pause?.since ?? usage.pause?.at,
        maxInFlight(meanLatencyMs) {
            if (!isWithin(counted, lowestQuota, minuteMs, now)) {
                return manyInFlight;
            }
            const pace = Math.min(...limits.map(({ calls, periodMs }) => calls / Math.min(periodMs, burstMs)));
            // Little's law: the number of calls under way is their pace times the time that each takes.
            const needed = Math.ceil(pace * meanLatencyMs);
            return Math.min(Math.max(needed, minInFlight), manyInFlight);
        },
        slotFor: (ahead) =>
            latest(
                limits.filter((one, index) => index < configured.length || !isDoubtful(one)),
                now,
                (one) => freeAt(counted, { ...one, calls: one.whole }, now, ahead),
            ),
    };
}

function nextProbeAt(usage: QuotaUsage, configured: readonly Limit[], now: number): number {
    return Math.max(earliestFor(usage, configured, now, 0), (usage.probe?.at ?? 0) + probesApartMs, now);
}

/**
 * The earliest time for a call that has `ahead` calls before it, within our share of the limits and after any pause. A
 * pause is respected for at most {@link maxBeliefMs}, and so is a learnt limit with a longer period.
 */
export function earliestFor(usage: QuotaUsage, configured: readonly Limit[], now: number, ahead: number): number {
    const counted = countedFrom(usage, now);
    const { pause } = usage;
    const from = pause ? Math.max(now, Math.min(pause.until, pause.at + maxBeliefMs)) : now;
    const times = limitsAt(usage, configured, now).map((limit, index) => {
        const learnt = usage.learnt[index - configured.length];
        const at = freeAt(counted, limit, from, ahead);
        return learnt && isDoubtful(learnt) ? Math.min(at, Math.max(from, learnt.at + maxBeliefMs)) : at;
    });
    return Math.max(from, ...times);
}

/**
 * A fast check whether a call with `ahead` calls before it may be sent at once, even if all known calls still count.
 */
export function isFreeFor(
    { answered, open, learnt, pause }: QuotaUsage,
    configured: readonly Limit[],
    ahead: number,
): boolean {
    const most = answered.length + Object.keys(open).length + ahead;
    return pause === undefined && learnt.length === 0 && configured.every(({ calls }) => most < calls);
}

function latest(limits: readonly CurrentLimit[], now: number, freeAtFor: (limit: CurrentLimit) => number) {
    let held: { at: number; limit: CurrentLimit | undefined } = { at: now, limit: undefined };
    for (const limit of limits) {
        const at = freeAtFor(limit);
        held = at > held.at ? { at, limit } : held;
    }
    return held;
}
