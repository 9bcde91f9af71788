import { randomBytes } from "node:crypto";
import { setImmediate as breath } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import type { QuotaStore } from "./quota-file.ts";
import { type Limit, type QuotaLog, tidy, withAnswer, withTurn } from "./quota-log.ts";
import { lookAhead, type Outlook } from "./quota-outlook.ts";
import { type Refusal, withRefusal } from "./quota-refusal.ts";
import { interrupted, isWorthSaying, type LongestWaits, longestByDefault, tooLong, waitLine } from "./quota-waits.ts";

/** One request's place under the quota. Disposed of when its answer has arrived, or will not arrive. */
export interface Turn extends Disposable {
    /** Ends the turn of a request that was answered with 429; resolves when other processes can know of it. */
    refused(refusal: Refusal): Promise<void>;
}

/** The API's quota, shared by all requests of the process and, through the store, by all processes. */
export interface Quota {
    /**
     * Resolves when a request may be sent, in the order of the calls. Rejects with `ERR_DEFENDER_THROTTLED`, which
     * says when to come back, or after a stop with `ERR_DEFENDER_INTERRUPTED`.
     */
    take(longest?: LongestWaits): Promise<Turn>;
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
            decided.push(() => waiter.resolve(openTurn(id, now)));
            log = withTurn(log, id, now);
            outlook = lookAhead(log, limits, now);
        }
        return { log, result: { outlook, decided } };
    }

    function hasRoom(outlook: Outlook): boolean {
        return outlook.heldBy === undefined && inFlight < outlook.mostInFlight(meanLatencyMs);
    }

    function openTurn(id: string, began: number): Turn {
        let isOver = false;
        const end = (change: News["change"]): Promise<void> => {
            const { promise, resolve } = Promise.withResolvers<void>();
            isOver = true;
            inFlight--;
            const latencyMs = Math.max(0, clock.now() - began);
            meanLatencyMs += (meanLatencyMs === 0 ? 1 : newestWeight) * (latencyMs - meanLatencyMs);
            news.push({ change, entered: resolve });
            void serve();
            return promise;
        };
        return {
            async refused(refusal) {
                const now = clock.now();
                if (!isOver) {
                    await end((log) => withRefusal(log, id, refusal, limits, now));
                }
            },
            [Symbol.dispose]() {
                const now = clock.now();
                if (!isOver) {
                    void end((log) => withAnswer(log, id, now));
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
        take: (longest = {}) =>
            new Promise((resolve, reject) => {
                waiting.push({ ...longestByDefault, ...longest, resolve, reject });
                if (resting) {
                    turnAway(resting);
                } else {
                    void serve();
                }
            }),
    };
}
