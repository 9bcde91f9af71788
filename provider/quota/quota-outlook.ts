import {
    type CurrentLimit,
    callsWithin,
    countedFrom,
    freeAt,
    type Limit,
    limitsAt,
    minuteMs,
    type QuotaLog,
} from "./quota-log.ts";

/** What the log means for the next call. */
export interface Outlook {
    /** When it may go, as far as is known now. */
    readonly at: number;
    /** What it waits for until then. */
    readonly heldBy: CurrentLimit | "pause" | undefined;
    /** How many requests of this process may be in flight, given how long they take. */
    readonly mostInFlight: (meanLatencyMs: number) => number;
    /** The earliest for a call that has `ahead` others before it: what it cannot beat, even if others leave us all. */
    readonly foreseen: (ahead: number) => { readonly at: number; readonly limit: CurrentLimit | undefined };
}

/** The lowest quota seen in the field is 30 a minute: until then many in flight cannot be too many. */
const lowestQuota = 30;
const manyInFlight = 8;
/** So many may be refused before a lower quota than the configured one is learnt. */
const fewInFlight = 2;

/** Looks at a log that is tidy. */
export function lookAhead(log: QuotaLog, configured: readonly Limit[], now: number): Outlook {
    const counted = countedFrom(log, now);
    const limits = limitsAt(log, configured, now);
    const { at, limit } = latest(limits, now, (one) => freeAt(counted, one, now));
    const pausedUntil = log.pause?.until ?? 0;
    return {
        ...(pausedUntil > at ? { at: pausedUntil, heldBy: "pause" } : { at, heldBy: limit }),
        mostInFlight(meanLatencyMs) {
            if (callsWithin(counted, minuteMs, now) < lowestQuota) {
                return manyInFlight;
            }
            const pace = Math.max(...limits.map(({ calls, periodMs }) => calls / periodMs));
            // Little's law: so many are under way when calls go at a pace and each takes so long.
            const needed = Math.ceil(pace * meanLatencyMs);
            return Math.min(Math.max(needed, fewInFlight), manyInFlight);
        },
        foreseen: (ahead) => latest(limits, now, (one) => freeAt(counted, { ...one, calls: one.whole }, now, ahead)),
    };
}

/** The earliest for a call that has `ahead` others before it, with our share of the limits, after any pause. */
export function earliestFor(log: QuotaLog, configured: readonly Limit[], now: number, ahead: number): number {
    const counted = countedFrom(log, now);
    const from = Math.max(now, log.pause?.until ?? 0);
    return latest(limitsAt(log, configured, now), from, (limit) => freeAt(counted, limit, from, ahead)).at;
}

function latest(limits: readonly CurrentLimit[], now: number, freeAtFor: (limit: CurrentLimit) => number) {
    let held: { at: number; limit: CurrentLimit | undefined } = { at: now, limit: undefined };
    for (const limit of limits) {
        const at = freeAtFor(limit);
        held = at > held.at ? { at, limit } : held;
    }
    return held;
}
