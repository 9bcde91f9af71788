import { delayedProbe } from "./quota-probe.ts";
import {
    callsWithin,
    countedFrom,
    hourMs,
    type LearntLimit,
    type Limit,
    maxMemoryMs,
    type QuotaUsage,
    shareAt,
    withAnswer,
} from "./quota-usage.ts";

/** The contents of a 429. */
export interface QuotaRefusal {
    /** Its `Retry-After` header: seconds, or an HTTP date. */
    readonly retryAfter: string | undefined;
    /** Its `Date` header: a date in `retryAfter` is compared with it, not with our own clock. */
    readonly date?: string | undefined;
    /** The API's message, such as "Maximum allowed 30 per 00:01:00 …". */
    readonly message: string;
}

/** The pause after a refusal that gives no time, in milliseconds. Each further such refusal in a row doubles it. */
const untimedPauseMs = 10_000;
const maxUntimedPauseMs = 320_000;

/** The minimum pause. "Retry-After: 0" would cause a loop without a pause. */
const shortestPauseMs = 1_000;

/**
 * The maximum number of learnt limits. The API names a limit for a minute and maybe one for an hour. The maximum keeps
 * the list short for every answer of the API.
 */
const maxLearnt = 4;

/** The pause that a refusal asks for, in milliseconds; undefined if it gives no time. */
export function pauseAsked({ retryAfter = "", date, message }: QuotaRefusal, now: number): number | undefined {
    const header = retryAfter.trim();
    const words = /again in (\d+) seconds?\b/i.exec(message)?.[1];
    // Date.parse accepts almost any text, but an HTTP date ends with GMT.
    const until = header.endsWith("GMT") ? Date.parse(header) : Number.NaN;
    const times = [
        /^\d+(\.\d+)?$/.test(header) ? Number(header) * 1000 : until - (Date.parse(date ?? "") || now),
        Number(words) * 1000,
    ].filter((ms) => !Number.isNaN(ms));
    return times.length === 0 ? undefined : Math.min(Math.max(...times, shortestPauseMs), maxMemoryMs);
}

/**
 * The limit that a refusal names: "Maximum allowed 30 per 00:01:00 for the key Destination+TenantID+AppID". A limit
 * over more than an hour is not learnt, because the usage forgets calls after an hour. For such a limit, only the
 * Retry-After of the refusal applies.
 */
export function limitNamed(message: string): Limit | undefined {
    const [, calls, hours, minutes, seconds] = /maximum allowed (\d+) per (\d+):(\d+):(\d+)/i.exec(message) ?? [];
    const limit = {
        calls: Number(calls),
        periodMs: (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000,
    };
    return limit.calls >= 1 && Number.isSafeInteger(limit.calls) && limit.periodMs >= 1000 && limit.periodMs <= hourMs
        ? limit
        : undefined;
}

/** The usage after a call was answered with 429. */
export function withRefusal(
    usage: QuotaUsage,
    lease: string,
    refusal: QuotaRefusal,
    configured: readonly Limit[],
    now: number,
): QuotaUsage {
    const began = usage.open[lease] ?? now;
    const limit = limitNamed(refusal.message);
    const known = limit && usage.learnt.find(({ periodMs }) => periodMs === limit.periodMs);
    const isProbe = usage.probe?.lease === lease;
    const tested = delayedProbe(usage, lease, now);
    const others = usage.learnt
        .filter((one) => one !== known)
        // A limit that delayed this probe still applies, so it delays the next probe by the same time.
        .map((one) => (tested.includes(one) ? { ...one, at: now } : one));
    const asked = pauseAsked(refusal, now);
    const untimed = asked === undefined ? countUntimed(usage, began) : 0;
    const pauseMs = asked ?? Math.min(untimedPauseMs * 2 ** (untimed - 1), maxUntimedPauseMs);
    return {
        ...withAnswer(usage, lease, now),
        refused: [...usage.refused, now],
        learnt: limit
            ? [...others, { ...limit, share: shareLeft(usage, lease, limit, known, configured, now), at: now }].slice(
                  -maxLearnt,
              )
            : others,
        pause: {
            // The answer to a probe is the API's newest, so its pause applies. Answers to calls that were sent together
            // arrive in any order, so the longest of their pauses applies.
            until: isProbe && asked !== undefined ? now + asked : Math.max(usage.pause?.until ?? 0, now + pauseMs),
            at: now,
            since: usage.pause && (isProbe || usage.pause.until > now) ? (usage.pause.since ?? usage.pause.at) : now,
            untimed,
        },
    };
}

/** Counts the refusals in a row that give no time. Refusals of calls that were under way together count as one. */
function countUntimed({ pause }: QuotaUsage, began: number): number {
    const before = pause?.untimed ?? 0;
    return pause && began <= pause.at ? Math.max(before, 1) : before + 1;
}

/**
 * How many calls of the limit are ours from now on. If our own calls explain the refusal, our share does not change.
 * Otherwise other clients use the same quota. Our share then becomes the number of calls that succeeded, but at least
 * half of our previous share. It is not less, because a burst that began just when others had used up the period says
 * nothing about the next period.
 */
function shareLeft(
    usage: QuotaUsage,
    lease: string,
    limit: Limit,
    known: LearntLimit | undefined,
    configured: readonly Limit[],
    now: number,
): number {
    const samePeriod = configured.filter(({ periodMs }) => periodMs === limit.periodMs).map(({ calls }) => calls);
    const before = Math.min(limit.calls, ...samePeriod, known ? shareAt(known, now) : limit.calls);
    const { [lease]: began = now, ...open } = usage.open;
    const isOurs = callsWithin(countedFrom({ ...usage, open }, now), limit.periodMs, began) >= limit.calls;
    if (isOurs || (known && began <= known.at)) {
        return before;
    }
    const inPeriod = (times: readonly number[]) => times.filter((at) => at > now - limit.periodMs).length;
    const got = inPeriod(usage.answered) - inPeriod(usage.refused);
    return Math.min(before, Math.max(got, Math.floor(before / 2), 1));
}
