import { type Clock, systemClock } from "../system/clock.ts";
import type { Log } from "../text/print.ts";
import type { QuotaStore } from "./quota-file.ts";
import { createGathering } from "./quota-gathering.ts";
import { createLeases, type Lease, type News } from "./quota-leases.ts";
import { earliestFor, isFreeFor, type Schedule, scheduleOf } from "./quota-schedule.ts";
import { emptyUsage, type Limit, type QuotaUsage, tidy, withLease } from "./quota-usage.ts";
import {
    interrupted,
    isNormalPace,
    isWorthLogging,
    type LongestWaits,
    maxWaitsByDefault,
    tooLong,
    type Waiting,
    waitLine,
} from "./quota-waits.ts";

export type { Lease } from "./quota-leases.ts";

/** The options with which one request acquires a lease. */
export interface AcquireOptions extends LongestWaits {
    /**
     * Whether the request goes ahead of all requests that wait in this process, except earlier requests with `isNext`.
     * Default: false.
     */
    readonly isNext?: boolean | undefined;
    /**
     * For a request that is sent again: when its first attempt began to wait, in milliseconds since the epoch. Default:
     * now.
     */
    readonly since?: number | undefined;
}

/** The API's quota, shared by all requests of the process and, through the store, by all processes. */
export interface Quota {
    /**
     * Resolves when a request may be sent, in the order in which `acquire` was called. Rejects with
     * `ERR_DEFENDER_THROTTLED` if the wait would be too long; the message says when to run again. Rejects with
     * `ERR_DEFENDER_INTERRUPTED` after a stop.
     */
    acquire(options?: AcquireOptions): Promise<Lease>;
    /**
     * The earliest time for a call that has `ahead` calls before it, in milliseconds since the epoch; never before now.
     * The time is based on the usage that this process read last, and on the calls that this process has made since
     * then. Requests that wait in `acquire` are not counted.
     */
    nextSlot(ahead?: number): number;
}

export interface QuotaOptions {
    /**
     * Each limit has a period of at most an hour, and at most 1,500 calls. Limits learnt from the API can only lower
     * them.
     */
    readonly limits: readonly Limit[];
    readonly store: QuotaStore;
    readonly clock: Clock;
    /** Takes one line for each wait of more than 3 s. */
    readonly log: Log;
    /** Takes the line of a wait at the normal pace. Default: `log`. */
    readonly logPace?: Log | undefined;
    /** Aborted when no more requests may be sent. */
    readonly stop: AbortSignal;
    /**
     * Waits for answers that are about to arrive. Default: a sleep on the machine's clock instead of `clock`, because
     * this wait does not affect the schedule.
     */
    readonly gather?: ((milliseconds: number, signal: AbortSignal) => Promise<void>) | undefined;
}

interface Waiter extends Waiting {
    readonly isNext: boolean;
    readonly resolve: (lease: Lease) => void;
    readonly reject: (error: unknown) => void;
}

/**
 * The interval at which a wait reads the usage again, in milliseconds. Another process may have changed it, or the
 * machine's clock may have been set.
 */
const lookAgainMs = 5_000;

/**
 * Nothing is reserved in advance. The process that holds the store's lock takes only calls that are free now, and at
 * most as many calls as may be in flight. So a killed process leaves no reservation behind, and no process can take the
 * whole quota from the others.
 */
export function createQuota(options: QuotaOptions): Quota {
    const { limits, store, clock, log, logPace = log, stop, gather = systemClock.sleep } = options;
    let waiting: Waiter[] = [];
    const leases = createLeases({
        limits,
        clock,
        onNews(change) {
            known = change(known);
            if (leases.inFlight === 0 || leases.isUrgent) {
                gathering.end();
            }
            void serve();
        },
    });
    const gathering = createGathering(leases, gather, stop);
    /** The usage after the last update, including the news of this process since then. */
    let known = emptyUsage;
    /** The news that the last update took. If that update failed, it may not have told the senders. */
    let taken: readonly News[] = [];
    let loggedUntil = 0;
    let isServing = false;
    /** The schedule that the waiting requests wait for, while no update is under way. */
    let resting: Schedule | undefined;
    let wake = () => {};
    stop.addEventListener("abort", () => {
        gathering.end();
        wake();
    });

    async function serve(): Promise<void> {
        wake();
        if (isServing) {
            return;
        }
        isServing = true;
        try {
            while (waiting.length > 0 || leases.hasNews) {
                await gathering.wait();
                const { schedule, decided } = await store.update(look);
                for (const tell of decided) {
                    tell();
                }
                rejectHopeless(schedule);
                // A request that arrived during the update has not been considered yet, although the schedule may have
                // room for it.
                if (waiting.length > 0 && !leases.hasNews && !stop.aborted && !hasRoom(schedule)) {
                    await rest(schedule);
                }
            }
        } catch (error) {
            // An unexpected error must not leave requests waiting.
            for (const { reject } of waiting.splice(0)) {
                reject(error);
            }
            for (const { entered } of [...taken, ...leases.takeNews()]) {
                entered();
            }
        } finally {
            isServing = false;
        }
    }

    /**
     * One update of the usage, under the store's lock: enters the news, and opens leases for the calls that are free.
     */
    function look(before: QuotaUsage) {
        const now = clock.now();
        taken = leases.takeNews();
        const decided = taken.map(({ entered }) => entered);
        let usage = taken.reduce((changed, { change }) => change(changed), tidy(before, now));
        let schedule = scheduleOf(usage, limits, now);
        while (!stop.aborted && (hasRoom(schedule) || isProbeDue(schedule, now))) {
            const waiter = waiting.shift();
            if (!waiter) {
                break;
            }
            const isProbe = !hasRoom(schedule);
            const { id, lease } = leases.open(now, isProbe);
            decided.push(() => waiter.resolve(lease));
            usage = withLease(usage, id, now, isProbe);
            schedule = scheduleOf(usage, limits, now);
        }
        known = usage;
        return { usage, result: { schedule, decided } };
    }

    function hasRoom(schedule: Schedule): boolean {
        return schedule.heldBy === undefined && leases.inFlight < schedule.maxInFlight(leases.meanLatencyMs);
    }

    function isProbeDue({ probeAt = Number.POSITIVE_INFINITY, isProbed }: Schedule, now: number): boolean {
        return probeAt <= now && !isProbed;
    }

    async function rest(schedule: Schedule): Promise<void> {
        const woken = new AbortController();
        resting = schedule;
        wake = () => woken.abort();
        if (schedule.heldBy === undefined) {
            // As many requests as possible are in flight, so the answer to one of them ends the wait.
            const { promise, resolve } = Promise.withResolvers<void>();
            wake = resolve;
            await promise;
        } else {
            logOnce(schedule);
            await clock.sleep(Math.min(restUntil(schedule) - clock.now(), lookAgainMs), woken.signal);
        }
        resting = undefined;
    }

    /**
     * When the waiting requests may be sent. If their times are close together, this is the time from which as many of
     * them as can be in flight may be sent.
     */
    function restUntil({ at, probeAt, isProbed, maxInFlight }: Schedule): number {
        if (probeAt !== undefined) {
            return isProbed ? at : probeAt;
        }
        const together = Math.min(waiting.length, maxInFlight(leases.meanLatencyMs) - leases.inFlight);
        const all = earliestFor(known, limits, clock.now(), Math.max(together, 1) - 1);
        return Math.min(Math.max(all, at), at + gathering.longestMs());
    }

    function logOnce(schedule: Schedule): void {
        if (isWorthLogging(schedule, loggedUntil, clock.now())) {
            loggedUntil = schedule.at;
            const logWait = isNormalPace(schedule, limits) ? logPace : log;
            logWait(waitLine(schedule, waiting.length, clock.now()));
        }
    }

    function rejectHopeless(schedule: Schedule): void {
        waiting = waiting.filter((waiter, ahead) => {
            const reason = stop.aborted ? interrupted() : tooLong(schedule, waiter, ahead, clock.now());
            if (reason) {
                waiter.reject(reason);
            }
            return reason === undefined;
        });
    }

    return {
        acquire: ({ isNext = false, since = clock.now(), ...longest } = {}) =>
            new Promise((resolve, reject) => {
                const waiter = { ...maxWaitsByDefault, ...longest, isNext, since, resolve, reject };
                const behind = isNext ? waiting.findIndex((one) => !one.isNext) : -1;
                waiting.splice(behind < 0 ? waiting.length : behind, 0, waiter);
                if (resting) {
                    rejectHopeless(resting);
                } else {
                    void serve();
                }
            }),
        nextSlot(ahead = 0) {
            const now = clock.now();
            return isFreeFor(known, limits, ahead) ? now : earliestFor(tidy(known, now), limits, now, ahead);
        },
    };
}
