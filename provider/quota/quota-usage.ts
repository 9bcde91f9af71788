/**
 * The arithmetic of the quota: what is known of past calls, and when the next one may go. It is pure; times are
 * milliseconds since the epoch.
 *
 * A call counts from its answer, not from its start: the API counted it somewhere in between. So with any latency,
 * and whether the API's window slides or is fixed at any phase, a call that goes a period after the answer to the
 * `calls`-th call before it is never one too many.
 */

/** At most `calls` calls in any `periodMs`. */
export interface Limit {
    readonly calls: number;
    readonly periodMs: number;
}

/** What refusals have taught about a limit. */
export interface LearntLimit extends Limit {
    /** How many of `calls` were ours at the last refusal: fewer when others use the same quota. */
    readonly share: number;
    /** The last refusal. */
    readonly at: number;
}

/** A limit as it holds now. */
export interface CurrentLimit extends Limit {
    /** More than `calls` while others use the same quota. */
    readonly whole: number;
}

/** The time before which the API wants no call. */
export interface Pause {
    readonly until: number;
    /** The refusal that asked for it. */
    readonly at: number;
    /** The first refusal since which the API has let nothing through. Absent: `at`. */
    readonly since?: number | undefined;
    /** How many refusals in a row, this one included, gave no time; it makes the next such pause longer. */
    readonly untimed: number;
}

/** A call that went out in spite of a pause or a learnt limit, to see whether it still holds. */
export interface Probe {
    /** While this lease is open, the probe is under way. */
    readonly lease: string;
    readonly at: number;
}

/** What is known of the calls under one quota. */
export interface QuotaUsage {
    /** When calls were answered, oldest first. */
    readonly answered: readonly number[];
    /** Those of them that were answered with 429. Whether the API counts them is unknown, so they count here. */
    readonly refused: readonly number[];
    /** When the calls began that have no answer yet, by lease. */
    readonly open: Readonly<Record<string, number>>;
    readonly learnt: readonly LearntLimit[];
    readonly pause?: Pause | undefined;
    /** The last one, under way or not. */
    readonly probe?: Probe | undefined;
}

export const emptyUsage: QuotaUsage = { answered: [], refused: [], open: {}, learnt: [] };

export const minuteMs = 60_000;
export const hourMs = 3_600_000;

/**
 * For so long the API's word is taken, for a pause as for a limit that it names. Then a read asks again: one wrong
 * `Retry-After` must not stop every process for a day.
 */
export const maxBeliefMs: number = 15 * minuteMs;

/** A call without an answer for so long has none: the HTTP client gives up after 60 s, or its process was killed. */
const maxAnswerMs = 65_000;

/** Two clocks that NTP slews, each by at most 500 ppm, run apart by 0.1 %. */
const clockDrift = 1.001;

/** What lies further ahead was written before the machine's clock was set back. */
const maxAheadMs = 5_000;

/**
 * No refusal is believed for longer. A day, because a quota belongs to the service and changes rarely, daily runs then
 * need not learn it again, and to have forgotten it costs one or two refusals.
 */
export const maxMemoryMs: number = 24 * hourMs;

/**
 * A share grows by this part of the limit in each period without a refusal. Beside strangers who use half of the quota,
 * simulated: 1,000 requests take 1.01 of the least time, and 20 to 40 are refused. With a first period without growth
 * it would be half as many, but up to 1.11 of the time.
 */
const growth = 0.05;

/** What the API allows in an hour; the file stays below 30 kB. */
const maxAnswered = 1_500;

/** More cannot belong together: a refusal pauses everyone. */
const maxRefused = 100;

/**
 * The usage without what no longer matters to limits of an hour and 1,500 calls at most; those that others have
 * configured may be higher than ours.
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

/** The usage after it has turned out that no call was made. */
export function withoutLease(usage: QuotaUsage, lease: string): QuotaUsage {
    const { [lease]: _, ...open } = usage.open;
    return { ...usage, open, ...(usage.probe?.lease === lease ? { probe: undefined } : {}) };
}

/** The usage after a call was answered, or has failed in another way than by the quota. */
export function withAnswer(usage: QuotaUsage, lease: string, at: number): QuotaUsage {
    const { [lease]: began, ...open } = usage.open;
    const isAfterPause = usage.pause !== undefined && began !== undefined && began > usage.pause.at;
    return {
        ...usage,
        answered: merged(usage.answered, [at]),
        open,
        pause: usage.pause && isAfterPause ? { ...usage.pause, untimed: 0 } : usage.pause,
    };
}

/** What holds now: the configured limits, and each learnt one, of which our share grows while nothing is refused. */
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

/** Our share of a learnt limit: additive increase; the refusal did the decrease. */
export function shareAt({ calls, periodMs, share, at }: LearntLimit, now: number): number {
    const quietPeriods = Math.max(0, Math.floor((now - at) / periodMs));
    return Math.min(calls, share + quietPeriods * Math.ceil(calls * growth));
}

/** From when the calls of the usage count, oldest first; one without an answer from now, whenever now is. */
export function countedFrom({ answered, open }: QuotaUsage, now: number): number[] {
    return merged(
        answered,
        Object.keys(open).map(() => now),
    );
}

/** Whether so many calls of {@link countedFrom}, or more, are in a period that ends now. */
export function isWithin(counted: readonly number[], calls: number, periodMs: number, now: number): boolean {
    const oldest = counted[counted.length - calls];
    return oldest !== undefined && oldest > now - periodMs * clockDrift;
}

/** How many calls of {@link countedFrom} a period holds that ends now. */
export function callsWithin(counted: readonly number[], periodMs: number, now: number): number {
    const from = now - periodMs * clockDrift;
    // They are in order: mostly a period holds the newest of many.
    let calls = 0;
    while (calls < counted.length && (counted[counted.length - 1 - calls] ?? from) > from) {
        calls++;
    }
    return calls;
}

/** The earliest time for a call that has `ahead` others before it, all of them at full pace. */
export function freeAt(counted: readonly number[], { calls, periodMs }: Limit, now: number, ahead = 0): number {
    const apartMs = periodMs * clockDrift;
    // The call that must be a period old: one of the usage, or one of those ahead, which wait for the usage themselves.
    const blocker = counted.length + ahead - calls;
    const periods = Math.max(0, Math.floor((blocker - counted.length) / calls) + 1);
    const oldest = counted[blocker - periods * calls];
    const first = oldest === undefined ? now : Math.max(now, oldest + apartMs);
    // Timers count whole milliseconds. What is free now is free at any fraction of one.
    return first === now && periods === 0 ? now : Math.ceil(first + periods * apartMs);
}

/** Whether a learnt limit can hold a call for longer than it is believed. */
export function isDoubtful({ periodMs }: Limit): boolean {
    return periodMs > maxBeliefMs;
}

/** Whether a limit of that kind lets no call through now. */
export function isHolding(usage: QuotaUsage, learnt: LearntLimit, now: number): boolean {
    const { periodMs } = learnt;
    return isDoubtful(learnt) && freeAt(countedFrom(usage, now), { calls: shareAt(learnt, now), periodMs }, now) > now;
}

/** The usage after the API has answered a probe: what held it back no longer holds. */
export function withProbePassed(usage: QuotaUsage, lease: string, now: number): QuotaUsage {
    return usage.probe?.lease === lease
        ? { ...usage, pause: undefined, learnt: usage.learnt.filter((limit) => !isHolding(usage, limit, now)) }
        : usage;
}

/** Two lists of times as one, each oldest first. Mostly the second begins where the first ends. */
function merged(times: readonly number[], later: readonly number[]): number[] {
    const both = times.concat(later);
    const [last, first] = [times.at(-1), later[0]];
    return last === undefined || first === undefined || last <= first ? both : ascending(both);
}

function ascending(times: number[]): number[] {
    return times.sort((a, b) => a - b);
}
