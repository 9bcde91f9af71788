import {
    type CurrentLimit,
    countedFrom,
    freeAt,
    isDoubtful,
    isWithin,
    type Limit,
    limitsAt,
    maxBeliefMs,
    minuteMs,
    type QuotaUsage,
} from "./quota-usage.ts";

/** What the usage means for the next call. */
export interface Schedule {
    /** When it may go, as far as is known now. */
    readonly at: number;
    /** What it waits for until then. */
    readonly heldBy: CurrentLimit | "pause" | undefined;
    /**
     * When one read may go all the same, to see whether what the API asked for still holds; undefined where nothing of
     * the kind holds, or not for longer. Now, while one is under way: its answer decides.
     */
    readonly probeAt: number | undefined;
    readonly isProbed: boolean;
    /** Since when the API has let nothing through. */
    readonly pausedSince: number | undefined;
    /** How many requests of this process may be in flight, given how long they take. */
    readonly maxInFlight: (meanLatencyMs: number) => number;
    /** The earliest for a call that has `ahead` others before it: what it cannot beat, even if others leave us all. */
    readonly slotFor: (ahead: number) => { readonly at: number; readonly limit: CurrentLimit | undefined };
}

/** The lowest quota seen in the field is 30 a minute: until then many in flight cannot be too many. */
const lowestQuota = 30;
const manyInFlight = 8;
/** So many may be refused before a lower quota than the configured one is learnt. */
const minInFlight = 2;

/** What a quota allows goes out within this time, in milliseconds: cancel requests follow from one reading, 15 s at most. */
const burstMs = 12_000;

/** A probe that got no answer is not followed at once by the next. */
const probesApartMs = minuteMs;

/** What tidied usage allows. */
export function scheduleOf(usage: QuotaUsage, configured: readonly Limit[], now: number): Schedule {
    const counted = countedFrom(usage, now);
    const limits = limitsAt(usage, configured, now);
    const { at, limit } = latest(limits, now, (one) => freeAt(counted, one, now));
    const pausedUntil = usage.pause?.until ?? 0;
    const heldUntil = Math.max(at, pausedUntil);
    const isProbed = usage.probe !== undefined && usage.probe.lease in usage.open;
    // What is free now needs no probe: and a look that lets many calls go makes a schedule for each of them.
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
            // Little's law: so many are under way when calls go at a pace and each takes so long.
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
 * The earliest for a call that has `ahead` others before it: our share of the limits, after any pause, both for as long
 * as the API's word for them is taken.
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

/** Whether a call with `ahead` others before it may go at once, whenever the calls of the usage were. Quick to tell. */
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
