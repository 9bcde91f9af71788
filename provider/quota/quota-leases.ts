import { randomBytes } from "node:crypto";
import type { Clock } from "../system/clock.ts";
import { withProbePassed } from "./quota-probe.ts";
import { type QuotaRefusal, withRefusal } from "./quota-refusal.ts";
import { type Limit, type QuotaUsage, withAnswer, withoutLease } from "./quota-usage.ts";

/**
 * The permission to send one request under the quota. Dispose of the lease if no answer will arrive, because that says
 * nothing about the quota.
 */
export interface Lease extends Disposable {
    /**
     * Whether the request is a probe. A probe is sent before a pause or limit that the API named is over, to test
     * whether the API accepts requests again. A probe must be a read, not a cancel request. All other requests wait for
     * its answer.
     */
    readonly isProbe: boolean;
    /**
     * The number of the call. The calls of this process under this quota are numbered from 1, in the order of their
     * leases.
     */
    readonly call: number;
    /** Ends the lease of a request that was not sent. The request counts neither as a call nor towards the latency. */
    unused(): void;
    /** Ends the lease of a request that was answered, but not with 429. */
    answered(): void;
    /** Ends the lease of a request that was answered with 429; resolves when other processes can see the refusal. */
    refused(refusal: QuotaRefusal): Promise<void>;
}

/** The end of a lease that has not been entered in the usage yet. */
export interface News {
    readonly change: (usage: QuotaUsage) => QuotaUsage;
    readonly entered: () => void;
}

/** The open leases of this process, and the news of the leases that have ended. */
export interface Leases {
    /** Opens a lease, which counts as in flight from now on. No other process uses its id. */
    open(now: number, isProbe: boolean): { readonly id: string; readonly lease: Lease };
    readonly inFlight: number;
    /** The mean time until an answer; 0 before the first answer. */
    readonly meanLatencyMs: number;
    readonly hasNews: boolean;
    /** Whether there is news that other processes wait for: a refusal, or the answer to a probe. */
    readonly isUrgent: boolean;
    /** Returns and removes the news for the usage, in the order in which the leases ended. */
    takeNews(): News[];
}

export interface LeasesOptions {
    readonly limits: readonly Limit[];
    readonly clock: Clock;
    /** Called when a lease has ended. */
    readonly onNews: (change: News["change"]) => void;
}

/** The weight of the newest latency in the mean. With this weight, about ten requests determine the mean. */
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
                    // All other requests wait for the answer to a probe.
                    isUrgent ||= isProbe;
                    void endSent((usage) => withAnswer(withProbePassed(usage, id, now), id, now));
                }
            },
            unused() {
                if (!isOver) {
                    // The next call gets this number, unless a later call already has a number.
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
