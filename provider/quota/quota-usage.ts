/**
 * The arithmetic of the quota: what is known of past calls, and when the next one may be sent. It is pure. Times are
 * milliseconds since the epoch.
 *
 * A call counts from its answer, not from its start, because the API counted the call at an unknown time between the
 * two. So a call stays within the limit if at least one `periodMs` has passed since the answer to the call that is
 * `calls` places before it. This holds for any latency, and for a sliding window as well as for a fixed window of any
 * phase.
 */

/** At most `calls` calls in any `periodMs`. */
export interface Limit {
    readonly calls: number;
    readonly periodMs: number;
}

/** A limit learnt from refusals. */
export interface LearntLimit extends Limit {
    /** How many of `calls` were ours at the last refusal: fewer than `calls` if others use the same quota. */
    readonly share: number;
    /** The time of the last refusal. */
    readonly at: number;
}

/** A limit as it applies now. */
export interface CurrentLimit extends Limit {
    /** The API's whole limit. It is more than `calls` while others use the same quota. */
    readonly whole: number;
}

/** The API's demand to send no call before a time. */
export interface Pause {
    readonly until: number;
    /** The time of the refusal that asked for the pause. */
    readonly at: number;
    /** The time of the first refusal since the API last accepted a call. Default: `at`. */
    readonly since?: number | undefined;
    /**
     * How many refusals in a row, including this one, did not say how long to wait. Each such refusal makes the next
     * pause after one longer.
     */
    readonly untimed: number;
}

/** A call that was sent despite a pause or a learnt limit, to test whether the pause or limit still applies. */
export interface Probe {
    /** While this lease is open, the probe is under way. */
    readonly lease: string;
    readonly at: number;
}

/** The known calls under one quota, and the answers that affect later calls. */
export interface QuotaUsage {
    /** When calls were answered, oldest first. */
    readonly answered: readonly number[];
    /**
     * When calls were answered with 429. These times are also in `answered`, because it is unknown whether the API
     * counts these calls.
     */
    readonly refused: readonly number[];
    /** When the calls without an answer began, by lease. */
    readonly open: Readonly<Record<string, number>>;
    readonly learnt: readonly LearntLimit[];
    readonly pause?: Pause | undefined;
    /** The last probe, whether or not it is still under way. */
    readonly probe?: Probe | undefined;
}

export const emptyUsage: QuotaUsage = { answered: [], refused: [], open: {}, learnt: [] };

export const minuteMs = 60_000;
export const hourMs = 3_600_000;

/**
 * A call that has no answer after this time will not get one. Either the HTTP client has given up after 60 s, or the
 * process was killed.
 */
const maxAnswerMs = 65_000;

/** Two clocks that NTP slews by at most 500 ppm each drift apart by at most 0.1 %. */
const clockDrift = 1.001;

/** A time further in the future than this was written before the machine's clock was set back. */
const maxAheadMs = 5_000;

/**
 * How long a refusal is remembered, in milliseconds. A day is long enough for a daily run to still know the quota,
 * which belongs to the service and changes rarely. Forgetting the quota costs only one or two refusals.
 */
export const maxMemoryMs: number = 24 * hourMs;

/**
 * A share grows by this part of the limit in each period without a refusal. In a simulation in which others use half of
 * the quota, 1,000 requests take 1.01 times the minimum, and 20 to 40 are refused. If the share did not grow in the
 * first period, half as many would be refused, but the requests would take up to 1.11 times the minimum.
 */
const growth = 0.05;

/**
 * The maximum number of answers kept: the number of calls that the API allows in an hour. This maximum keeps the usage
 * file below 30 kB.
 */
const maxAnswered = 1_500;

/** More refusals than this cannot belong together, because a refusal pauses all processes. */
const maxRefused = 100;

/**
 * Removes entries that no longer matter to any limit of at most an hour and 1,500 calls. The limits of this process are
 * not used, because other processes may have higher limits.
 */
export function tidy(usage: QuotaUsage, now: number): QuotaUsage {
    const abandoned = Object.values(usage.open).filter((at) => now - at >= maxAnswerMs);
    const counts = (at: number) => at > now - hourMs * clockDrift && at <= now + maxAheadMs;
    const isRemembered = ({ at }: { at: number }) => now - at < maxMemoryMs && at <= now + maxAheadMs;
    return {
        answered: ascending([...usage.answered, ...abandoned.map((at) => at + maxAnswerMs)].filter(counts)).slice(
            -maxAnswered,
        ),
        refused: usage.refused.filter(counts).slice(-maxRefused),
        open: Object.fromEntries(
            Object.entries(usage.open).filter(([, at]) => now - at < maxAnswerMs && at <= now + maxAheadMs),
        ),
        learnt: usage.learnt.filter(isRemembered),
        pause: usage.pause && isRemembered(usage.pause) ? usage.pause : undefined,
        ...(usage.probe && isRemembered(usage.probe) ? { probe: usage.probe } : {}),
    };
}

/** The usage after a call has begun, maybe as a probe. */
export function withLease(usage: QuotaUsage, lease: string, now: number, isProbe = false): QuotaUsage {
    return { ...usage, open: { ...usage.open, [lease]: now }, ...(isProbe ? { probe: { lease, at: now } } : {}) };
}

/** The usage after a lease ended without a call. */
export function withoutLease(usage: QuotaUsage, lease: string): QuotaUsage {
    const { [lease]: _, ...open } = usage.open;
    return { ...usage, open, ...(usage.probe?.lease === lease ? { probe: undefined } : {}) };
}

/** The usage after a call was answered, or has failed for a reason other than the quota. */
export function withAnswer(usage: QuotaUsage, lease: string, at: number): QuotaUsage {
    const { [lease]: began = Number.NEGATIVE_INFINITY, ...open } = usage.open;
    return {
        ...usage,
        answered: merged(usage.answered, [at]),
        open,
        pause: usage.pause && began > usage.pause.at ? { ...usage.pause, untimed: 0 } : usage.pause,
    };
}

/**
 * The limits that apply now: each configured limit, and our share of each learnt limit. The share grows while nothing
 * is refused.
 */
export function limitsAt(usage: QuotaUsage, configured: readonly Limit[], now: number): CurrentLimit[] {
    return [
        ...configured.map((limit) => ({ ...limit, whole: limit.calls })),
        ...usage.learnt.map((limit) => ({
            calls: shareAt(limit, now),
            periodMs: limit.periodMs,
            whole: limit.calls,
        })),
    ];
}

/** Our share of a learnt limit. It increases additively; only a refusal decreases it. */
export function shareAt({ calls, periodMs, share, at }: LearntLimit, now: number): number {
    const quietPeriods = Math.max(0, Math.floor((now - at) / periodMs));
    return Math.min(calls, share + quietPeriods * Math.ceil(calls * growth));
}

/** For each known call, the time from which it counts, oldest first. A call without an answer counts from `now`. */
export function countedFrom({ answered, open }: QuotaUsage, now: number): number[] {
    return merged(
        answered,
        Object.keys(open).map(() => now),
    );
}

/** Whether at least `calls` of the times from {@link countedFrom} lie in the period that ends now. */
export function isWithin(counted: readonly number[], calls: number, periodMs: number, now: number): boolean {
    const oldest = counted[counted.length - calls] ?? Number.NEGATIVE_INFINITY;
    return oldest > now - periodMs * clockDrift;
}

/** The number of times from {@link countedFrom} in the period that ends now. */
export function callsWithin(counted: readonly number[], periodMs: number, now: number): number {
    const from = now - periodMs * clockDrift;
    // The times are in order, and usually only the newest few of them lie in the period.
    let calls = 0;
    while ((counted[counted.length - 1 - calls] ?? from) > from) {
        calls++;
    }
    return calls;
}

/**
 * The earliest time for a call that has `ahead` calls before it, if each of those calls is sent as early as possible.
 */
export function freeAt(counted: readonly number[], { calls, periodMs }: Limit, now: number, ahead = 0): number {
    const apartMs = periodMs * clockDrift;
    // The index of the call that must be a period old. It is either a known call or one of the calls ahead. A call
    // ahead itself waits for a known call.
    const blocker = counted.length + ahead - calls;
    const periods = Math.max(0, Math.floor((blocker - counted.length) / calls) + 1);
    const oldest = counted[blocker - periods * calls];
    const first = oldest === undefined ? now : Math.max(now, oldest + apartMs);
    // Timers count whole milliseconds, so a later time is rounded up.
    return first === now && periods === 0 ? now : Math.ceil(first + periods * apartMs);
}

/** Merges two lists of times, each oldest first. Usually the second begins where the first ends. */
function merged(times: readonly number[], later: readonly number[]): number[] {
    const both = times.concat(later);
    const [last = Number.NEGATIVE_INFINITY, first = last] = [times.at(-1), later[0]];
    return last <= first ? both : ascending(both);
}

function ascending(times: number[]): number[] {
    return times.sort((a, b) => a - b);
}
