import { randomBytes } from "node:crypto";
import type { Clock } from "../system/clock.ts";
import { type Refusal, withRefusal } from "./quota-refusal.ts";
import { type Limit, type QuotaUsage, withAnswer, withoutLease, withProbePassed } from "./quota-usage.ts";

/** One request's place under the quota. Disposed of when its answer will not arrive, which tells nothing of the quota. */
export interface Lease extends Disposable {
    /**
     * Whether all others wait for the answer to this one: under it only a read may go, and no cancel request. It asks
     * whether the API takes requests again, though a pause or a limit that it named is not over.
     */
    readonly isProbe: boolean;
    /** Its number among the calls of this process under this quota, from 1, in the order in which they were let go. */
    readonly call: number;
    /** Ends the lease of a request that was not sent: it counts neither as a call nor toward the latency. */
    unused(): void;
    /** Ends the lease of a request that was answered, but not with 429. */
    answered(): void;
    /** Ends the lease of a request that was answered with 429; resolves when other processes can know of it. */
    refused(refusal: Refusal): Promise<void>;
}

/** What has happened to a lease, not yet entered in the usage. */
export interface News {
    readonly change: (usage: QuotaUsage) => QuotaUsage;
    readonly entered: () => void;
}

/** The leases that this process has open, and what has happened to those that ended. */
export interface Leases {
    /** Begins a lease: from now on it counts as in flight. Its id is not used by any other process. */
    open(now: number, isProbe: boolean): { readonly id: string; readonly lease: Lease };
    readonly inFlight: number;
    /** How long an answer takes. 0 before the first. */
    readonly meanLatencyMs: number;
    readonly hasNews: boolean;
    /** Whether there is news that other processes wait for: a refusal, or the answer to a probe. */
    readonly isUrgent: boolean;
    /** Hands over what is to be entered in the usage, in the order in which it happened. */
    takeNews(): News[];
}

export interface LeasesOptions {
    readonly limits: readonly Limit[];
    readonly clock: Clock;
    /** Called when a lease has ended. */
    readonly onNews: (change: News["change"]) => void;
}

/** The weight of the newest latency in the mean: some ten requests shape it. */
const newestWeight = 0.2;

export function createLeases({ limits, clock, onNews }: LeasesOptions): Leases {
    const origin = randomBytes(6).toString("base64url");
    let news: News[] = [];
    let opened = 0;
    let lastCall = 0;
    let inFlight = 0;
    let meanLatencyMs = 0;
    let isUrgent = false;

    function open(began: number, isProbe: boolean): ReturnType<Leases["open"]> {
        const id = `${origin}-${++opened}`;
        const call = ++lastCall;
        inFlight++;
        let isOver = false;
        const end = (change: News["change"]): Promise<void> => {
            const { promise, resolve } = Promise.withResolvers<void>();
            isOver = true;
            inFlight--;
            news.push({ change, entered: resolve });
            onNews(change);
            return promise;
        };
        const endSent = (change: News["change"]): Promise<void> => {
            const latencyMs = Math.max(0, clock.now() - began);
            meanLatencyMs += (meanLatencyMs === 0 ? 1 : newestWeight) * (latencyMs - meanLatencyMs);
            return end(change);
        };
        const lease: Lease = {
            call,
            isProbe,
            answered() {
                const now = clock.now();
                if (!isOver) {
                    // All others wait for the answer to a probe.
                    isUrgent ||= isProbe;
                    void endSent((usage) => withAnswer(withProbePassed(usage, id, now), id, now));
                }
            },
            unused() {
                if (!isOver) {
                    // The next call gets the number, unless a later one has gone out.
                    lastCall -= call === lastCall ? 1 : 0;
                    void end((usage) => withoutLease(usage, id));
                }
            },
            async refused(refusal) {
                const now = clock.now();
                if (!isOver) {
                    isUrgent = true;
                    await endSent((usage) => withRefusal(usage, id, refusal, limits, now));
                }
            },
            [Symbol.dispose]() {
                const now = clock.now();
                if (!isOver) {
                    void endSent((usage) => withAnswer(usage, id, now));
                }
            },
        };
        return { id, lease };
    }

    return {
        open,
        takeNews() {
            const taken = news;
            news = [];
            isUrgent = false;
            return taken;
        },
        get inFlight() {
            return inFlight;
        },
        get meanLatencyMs() {
            return meanLatencyMs;
        },
        get hasNews() {
            return news.length > 0;
        },
        get isUrgent() {
            return isUrgent;
        },
    };
}
