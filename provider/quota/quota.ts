import { randomBytes } from "node:crypto";
import { setImmediate as breath } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import type { QuotaStore } from "./quota-file.ts";
import { emptyLog, type Limit, type QuotaLog, tidy, withAnswer, withoutTurn, withTurn } from "./quota-log.ts";
import { earliestFor, lookAhead, type Outlook } from "./quota-outlook.ts";
import { type Refusal, withRefusal } from "./quota-refusal.ts";
import { interrupted, isWorthSaying, type LongestWaits, longestByDefault, tooLong, waitLine } from "./quota-waits.ts";

/** One request's place under the quota. Disposed of when its answer has arrived, or will not arrive. */
export interface Turn extends Disposable {
    /** Its number among the calls of this process under this quota, from 1, in the order in which they were let go. */
    readonly call: number;
    /** Ends the turn of a request that was not sent: it counts neither as a call nor toward the latency. */
    unused(): void;
    /** Ends the turn of a request that was answered with 429; resolves when other processes can know of it. */
    refused(refusal: Refusal): Promise<void>;
}

/** What one request asks of the quota. */
export interface TakeOptions extends LongestWaits {
    /** Goes ahead of all that wait in this process, but for those that were to go ahead before it. Default: false. */
    readonly isNext?: boolean | undefined;
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
}

interface Waiter extends Required<LongestWaits> {
    readonly isNext: boolean;
    readonly resolve: (turn: Turn) => void;
    readonly reject: (error: unknown) => void;
}

/** What has happened to a turn, not yet entered in the log. */
interface News {
    readonly change: (log: QuotaLog) => QuotaLog;
    readonly entered: () => void;
}

/** A wait looks again so often: another process may know more, or the machine's clock was set. */
const lookAgainMs = 5_000;

/** The weight of the newest latency in the mean: some ten requests shape it. */
const newestWeight = 0.2;

/**
 * Nothing is reserved ahead: who holds the store's lock takes what is free now, and at most as much as may be in
 * flight. So a process that is killed leaves no reservation behind, and none can take all from the others.
 */
export function createQuota({ limits, store, clock, say, stop }: QuotaOptions): Quota {
    let waiting: Waiter[] = [];
    const news: News[] = [];
    /** The log after the last look at it. */
    let known = emptyLog;
    let lastCall = 0;
    let inFlight = 0;
    let meanLatencyMs = 0;
    let saidUntil = 0;
    let isServing = false;
    /** What those who wait are waiting for, while nothing else goes on. */
    let resting: Outlook | undefined;
    let wake = () => {};
    stop.addEventListener("abort", () => wake());

    async function serve(): Promise<void> {
        wake();
        if (isServing) {
            return;
        }
        isServing = true;
        try {
            // What is asked for together, and what follows from an answer at once, shares one round.
            await breath();
            while (waiting.length > 0 || news.length > 0) {
                const { outlook, decided } = await store.update(round);
                for (const tell of decided) {
                    tell();
                }
                turnAway(outlook);
                // Who came during the round has not been looked at yet: there may be room.
                if (waiting.length > 0 && news.length === 0 && !stop.aborted && !hasRoom(outlook)) {
                    await rest(outlook);
                }
            }
        } catch (error) {
            // Nobody waits for ever, whatever broke.
            for (const { reject } of waiting.splice(0)) {
                reject(error);
            }
            for (const { entered } of news.splice(0)) {
                entered();
            }
        } finally {
            isServing = false;
        }
    }

    /** One look at the log, alone: enters what has happened, takes what is free. */
    function round(before: QuotaLog) {
        const now = clock.now();
        const heard = news.splice(0);
        const decided = heard.map(({ entered }) => entered);
        let log = heard.reduce((changed, { change }) => change(changed), tidy(before, now));
        let outlook = lookAhead(log, limits, now);
        while (!stop.aborted && hasRoom(outlook)) {
            const waiter = waiting.shift();
            if (!waiter) {
                break;
            }
            const id = randomBytes(6).toString("base64url");
            inFlight++;
            const call = ++lastCall;
            decided.push(() => waiter.resolve(openTurn(id, call, now)));
            log = withTurn(log, id, now);
            outlook = lookAhead(log, limits, now);
        }
        known = log;
        return { log, result: { outlook, decided } };
    }

    function hasRoom(outlook: Outlook): boolean {
        return outlook.heldBy === undefined && inFlight < outlook.mostInFlight(meanLatencyMs);
    }

    function openTurn(id: string, call: number, began: number): Turn {
        let isOver = false;
        const end = (change: News["change"]): Promise<void> => {
            const { promise, resolve } = Promise.withResolvers<void>();
            isOver = true;
            inFlight--;
            news.push({ change, entered: resolve });
            void serve();
            return promise;
        };
        const endSent = (change: News["change"]): Promise<void> => {
            const latencyMs = Math.max(0, clock.now() - began);
            meanLatencyMs += (meanLatencyMs === 0 ? 1 : newestWeight) * (latencyMs - meanLatencyMs);
            return end(change);
        };
        return {
            call,
            unused() {
                if (!isOver) {
                    // The next call gets the number, unless a later one has gone out.
                    lastCall -= call === lastCall ? 1 : 0;
                    void end((log) => withoutTurn(log, id));
                }
            },
            async refused(refusal) {
                const now = clock.now();
                if (!isOver) {
                    await endSent((log) => withRefusal(log, id, refusal, limits, now));
                }
            },
            [Symbol.dispose]() {
                const now = clock.now();
                if (!isOver) {
                    void endSent((log) => withAnswer(log, id, now));
                }
            },
        };
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
            await clock.sleep(Math.min(outlook.at - clock.now(), lookAgainMs), woken.signal);
        }
        resting = undefined;
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
        take: ({ isNext = false, ...longest } = {}) =>
            new Promise((resolve, reject) => {
                const waiter = { ...longestByDefault, ...longest, isNext, resolve, reject };
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
            const log = news.reduce((changed, { change }) => change(changed), tidy(known, now));
            return earliestFor(log, limits, now, ahead);
        },
    };
}
