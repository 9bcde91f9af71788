import { DefenderError } from "../model/errors.ts";
import { duration, readableTime } from "../system/clock.ts";
import type { Schedule } from "./quota-schedule.ts";
import { type CurrentLimit, hourMs, type Limit, minuteMs } from "./quota-usage.ts";

/** How long a request may wait. A request that would wait longer is rejected as soon as that is known. */
export interface LongestWaits {
    /** For a pause that the API asks for, in milliseconds. Default: 15 minutes. */
    readonly maxPauseMs?: number;
    /**
     * For the quota itself, in milliseconds. Default: an hour and two minutes, the longest wait for an hourly quota.
     */
    readonly maxQuotaMs?: number;
}

/** A request that waits. */
export interface Waiting extends Required<LongestWaits> {
    /** When its first attempt began to wait, milliseconds since the epoch. */
    readonly since: number;
}

export const maxWaitsByDefault: Required<LongestWaits> = { maxPauseMs: 15 * 60_000, maxQuotaMs: 62 * 60_000 };

/**
 * How much longer a request may wait for a probe, in milliseconds: the maximum time until an answer. Answers to
 * requests that were sent together arrive one after another. Each refusal among these answers delays the probe by the
 * time that has passed since the first refusal.
 */
const crossingMs = 30_000;

/** Shorter waits are not logged. */
const silentMs = 3_000;

/** Whether a wait is long enough to log, and ends clearly later than the wait that was logged before. */
export function isWorthLogging({ at }: Schedule, loggedUntil: number, now: number): boolean {
    return at - now > silentMs && at - loggedUntil > silentMs;
}

/**
 * Whether a wait belongs to the normal pace: it is for a configured quota of a minute, which no other client uses. An
 * hourly quota, a limit learnt from refusals and a pause are exceptions.
 */
export function isNormalPace({ heldBy }: Pick<Schedule, "heldBy">, configured: readonly Limit[]): boolean {
    return (
        typeof heldBy === "object" &&
        heldBy.periodMs === minuteMs &&
        heldBy.calls === heldBy.whole &&
        configured.some(({ calls, periodMs }) => calls === heldBy.calls && periodMs === heldBy.periodMs)
    );
}

/**
 * "waiting 41 s for the API's quota (100 a minute); 12 requests wait", or "the API asks for a pause of 60 min; 12
 * requests wait; in 15 min one request tests whether the API accepts requests again".
 */
export function waitLine({ at, heldBy, probeAt }: Schedule, waiting: number, now: number): string {
    const requests = waiting === 1 ? "1 request waits" : `${waiting} requests wait`;
    const probe =
        probeAt === undefined
            ? ""
            : `; in ${duration(probeAt - now)} one request tests whether the API accepts requests again`;
    return heldBy === "pause"
        ? `the API asks for a pause of ${duration(at - now)}; ${requests}${probe}`
        : `waiting ${duration(at - now)} for ${quotaInWords(heldBy)}; ${requests}${probe}`;
}

/**
 * The error of a request that would wait longer than it may; undefined if the request may wait. `ahead` is the number
 * of requests before it.
 */
export function tooLong(
    schedule: Schedule,
    { maxPauseMs, maxQuotaMs, since }: Waiting,
    ahead: number,
    now: number,
): DefenderError | undefined {
    const { at, heldBy, probeAt, pausedSince = now, slotFor } = schedule;
    const next = probeAt ?? at;
    const maxMs = maxPauseMs + (probeAt === undefined ? 0 : crossingMs);
    if (heldBy === "pause" && next > Math.max(since, pausedSince) + maxMs) {
        return throttled(`the API asks for a pause of ${duration(at - now)}`, maxPauseMs, schedule);
    }
    if (heldBy !== "pause" && probeAt !== undefined && next > since + maxQuotaMs) {
        return throttled(`${quotaInWords(heldBy)} is used up for ${duration(at - now)}`, maxQuotaMs, schedule);
    }
    const held = heldBy === "pause" ? { at: now, limit: undefined } : { at: next, limit: heldBy };
    const inQueue = slotFor(ahead);
    const own = inQueue.at > held.at ? inQueue : held;
    return own.at - now > maxQuotaMs
        ? throttled(`${quotaInWords(own.limit)} is used up for ${duration(own.at - now)}`, maxQuotaMs, own)
        : undefined;
}

export function interrupted(): DefenderError {
    return new DefenderError(
        "ERR_DEFENDER_INTERRUPTED",
        "A request that waited for the API's quota was not sent, because the run was interrupted",
    );
}

function throttled(why: string, maxMs: number, { at, probeAt }: { at: number; probeAt?: number | undefined }) {
    // Rounded up, so that the next run does not start too early.
    const resume = readableTime(Math.ceil((probeAt ?? at) / 1000) * 1000);
    const message = `A request was not sent: ${why}, longer than the ${duration(maxMs)} it may wait`;
    const probe = probeAt === undefined ? "" : ". Its first request tests whether the API accepts requests again";
    return new DefenderError("ERR_DEFENDER_THROTTLED", `${message}. Run again after ${resume}${probe}`);
}

function quotaInWords(limit: CurrentLimit | undefined): string {
    if (!limit) {
        return "the API's quota";
    }
    const { calls, whole, periodMs } = limit;
    const period = new Map([
        [minuteMs, "a minute"],
        [hourMs, "an hour"],
    ]).get(periodMs);
    const words = `${whole} ${period ?? `in ${duration(periodMs)}`}`;
    return `the API's quota (${words}${calls < whole ? `, ${calls} of them for us: others use it too` : ""})`;
}
