import { setImmediate as breath } from "node:timers/promises";
import { type Clock, systemClock } from "../system/clock.ts";
import type { QuotaStore } from "./quota-file.ts";
import { emptyLog, type Limit, type QuotaLog, tidy, withTurn } from "./quota-log.ts";
import { earliestFor, isFreeFor, lookAhead, type Outlook } from "./quota-outlook.ts";
import { createTurns, type Turn } from "./quota-turns.ts";
import {
    interrupted,
    isWorthSaying,
    type LongestWaits,
    maxWaitsByDefault,
    tooLong,
    type Waiting,
    waitLine,
} from "./quota-waits.ts";

export type { Turn } from "./quota-turns.ts";

/** What one request asks of the quota. */
export interface TakeOptions extends LongestWaits {
    /** Goes ahead of all that wait in this process, but for those that were to go ahead before it. Default: false. */
    readonly isNext?: boolean | undefined;
    /** When its first attempt began to wait, if it is sent again; milliseconds since the epoch. Default: now. */
    readonly since?: number | undefined;
}

/** The API's quota, shared by all requests of the process and, through the store, by all processes. */
export interface Quota {
    /**
     * Resolves when a request may be sent, in the order of the calls. Rejects with `ERR_DEFENDER_THROTTLED`, which
     * says when to come back, or after a stop with `ERR_DEFENDER_INTERRUPTED`.
     */
    take(options?: TakeOptions): Promise<Turn>;
    /**
     * The earliest time for a call that has `ahead` others before it, milliseconds since the epoch, never before now. It
     * goes by what this process knows now: the log as it saw it last, and what it has done since. Requests that wait in
     * `take` are not counted.
     */
    nextSlot(ahead?: number): number;
}

export interface QuotaOptions {
    /** Of an hour and 1,500 calls at most. What the API teaches can only lower them. */
    readonly limits: readonly Limit[];
    readonly store: QuotaStore;
    readonly clock: Clock;
    /** Takes one line for each wait of more than 3 s. */
    readonly say: (line: string) => void;
    /** Aborted when nothing shall be sent any more. */
    readonly stop: AbortSignal;
    /** Waits for answers that are about to come. Default: on the machine's clock, for it shapes no schedule. */
    readonly gather?: ((milliseconds: number, signal: AbortSignal) => Promise<void>) | undefined;
}

interface Waiter extends Waiting {
    readonly isNext: boolean;
    readonly resolve: (turn: Turn) => void;
    readonly reject: (error: unknown) => void;
}

/** A wait looks again so often: another process may know more, or the machine's clock was set. */
const lookAgainMs = 5_000;

/**
 * What is answered together shares one look at the log with what is sent next: a look waits for the answers that are
 * under way, for as long as one takes on average, within these bounds. So there is one locked write for all that are in
 * flight at once, and not one for each of them.
 */
const minGatherMs = 10;
const maxGatherMs = 50;

/**
 * Nothing is reserved ahead: who holds the store's lock takes what is free now, and at most as much as may be in
 * flight. So a process that is killed leaves no reservation behind, and none can take all from the others.
 */
export function createQuota(options: QuotaOptions): Quota {
    const { limits, store, clock, say, stop, gather = systemClock.sleep } = options;
    let waiting: Waiter[] = [];
    const turns = createTurns({
        limits,
        clock,
        onNews(change) {
            known = change(known);
            if (turns.inFlight === 0 || turns.isUrgent) {
                gathering?.abort(true);
            }
            void serve();
        },
    });
    /** The log after the last look at it, and with what has happened since. */
    let known = emptyLog;
    let saidUntil = 0;
    let isServing = false;
    /** What those who wait are waiting for, while nothing else goes on. */
    let resting: Outlook | undefined;
    let wake = () => {};
    let gathering: AbortController | undefined;
    stop.addEventListener("abort", () => {
        gathering?.abort(true);
        wake();
    });

    async function serve(): Promise<void> {
        wake();
        if (isServing) {
            return;
        }
        isServing = true;
        try {
            while (waiting.length > 0 || turns.hasNews) {
                await gatherNews();
                const { outlook, decided } = await store.update(round);
                for (const tell of decided) {
                    tell();
                }
                turnAway(outlook);
                // Who came during the round has not been looked at yet: there may be room.
                if (waiting.length > 0 && !turns.hasNews && !stop.aborted && !hasRoom(outlook)) {
                    await rest(outlook);
                }
            }
        } catch (error) {
            // An unexpected error must not leave requests waiting.
            for (const { reject } of waiting.splice(0)) {
                reject(error);
            }
            for (const { entered } of turns.takeNews()) {
                entered();
            }
        } finally {
            isServing = false;
        }
    }

    async function gatherNews(): Promise<void> {
        // What is asked for together, and what follows from an answer at once, shares one round.
        await breath();
        if (turns.inFlight > 0 && !turns.isUrgent && !stop.aborted) {
            gathering = new AbortController();
            await gather(gatherMs(), gathering.signal);
            gathering = undefined;
            // What follows from the last of the answers.
            await breath();
        }
    }

    function gatherMs(): number {
        return Math.min(Math.max(turns.meanLatencyMs, minGatherMs), maxGatherMs);
    }

    /** One look at the log, alone: enters what has happened, takes what is free. */
    function round(before: QuotaLog) {
        const now = clock.now();
        const heard = turns.takeNews();
        const decided = heard.map(({ entered }) => entered);
        let log = heard.reduce((changed, { change }) => change(changed), tidy(before, now));
        let outlook = lookAhead(log, limits, now);
        while (!stop.aborted && (hasRoom(outlook) || isProbeDue(outlook, now))) {
            const waiter = waiting.shift();
            if (!waiter) {
                break;
            }
            const isProbe = !hasRoom(outlook);
            const { id, turn } = turns.open(now, isProbe);
            decided.push(() => waiter.resolve(turn));
            log = withTurn(log, id, now, isProbe);
            outlook = lookAhead(log, limits, now);
        }
        known = log;
        return { log, result: { outlook, decided } };
    }

    function hasRoom(outlook: Outlook): boolean {
        return outlook.heldBy === undefined && turns.inFlight < outlook.maxInFlight(turns.meanLatencyMs);
    }

    function isProbeDue({ probeAt, isProbed }: Outlook, now: number): boolean {
        return probeAt !== undefined && probeAt <= now && !isProbed;
    }

    async function rest(outlook: Outlook): Promise<void> {
        const woken = new AbortController();
        resting = outlook;
        wake = () => woken.abort();
        if (outlook.heldBy === undefined) {
            // Held by what is in flight, so by an answer of our own.
            const { promise, resolve } = Promise.withResolvers<void>();
            wake = resolve;
            await promise;
        } else {
            sayOnce(outlook);
            await clock.sleep(Math.min(restUntil(outlook) - clock.now(), lookAgainMs), woken.signal);
        }
        resting = undefined;
    }

    /** Until those who wait may go; where they may one soon after another, until all may that can be in flight. */
    function restUntil({ at, probeAt, isProbed, maxInFlight }: Outlook): number {
        if (probeAt !== undefined) {
            return isProbed ? at : probeAt;
        }
        const together = Math.min(waiting.length, maxInFlight(turns.meanLatencyMs) - turns.inFlight);
        const all = earliestFor(known, limits, clock.now(), Math.max(together, 1) - 1);
        return Math.min(Math.max(all, at), at + gatherMs());
    }

    function sayOnce(outlook: Outlook): void {
        if (isWorthSaying(outlook, saidUntil, clock.now())) {
            saidUntil = outlook.at;
            say(waitLine(outlook, waiting.length, clock.now()));
        }
    }

    function turnAway(outlook: Outlook): void {
        waiting = waiting.filter((waiter, ahead) => {
            const reason = stop.aborted ? interrupted() : tooLong(outlook, waiter, ahead, clock.now());
            if (reason) {
                waiter.reject(reason);
            }
            return reason === undefined;
        });
    }

    return {
        take: ({ isNext = false, since = clock.now(), ...longest } = {}) =>
            new Promise((resolve, reject) => {
                const waiter = { ...maxWaitsByDefault, ...longest, isNext, since, resolve, reject };
                const behind = isNext ? waiting.findIndex((one) => !one.isNext) : -1;
                waiting.splice(behind < 0 ? waiting.length : behind, 0, waiter);
                if (resting) {
                    turnAway(resting);
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
