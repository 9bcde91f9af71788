import type { Observation } from "../api/defender-client.ts";
import { maxIdsPerList } from "../api/id-lists.ts";
import { DefenderError } from "../model/errors.ts";
import type { Clock } from "../system/clock.ts";
import type { Earlier, Observer } from "./observer.ts";
import { createPendingPolls, type PendingPoll, type PollTiming } from "./pending-polls.ts";

/** Reads all cancellations that wait for their final status, in shared cycles. */
export interface Poller {
    /** The next reading; it begins after this call. Rejects as {@link Observer.read} does, or after a stop. */
    next(machineActionId: string, earlier: Earlier, wish: PollTiming): Promise<Observation>;
    /** Counts a cancellation that is under way, until the returned function is called. */
    enter(): () => void;
    /**
     * Whether a poll still waits for a reading that must begin by its `proveBy`, and so needs one call of the quota.
     */
    isProofOwed(): boolean;
}

interface Waiter extends PendingPoll {
    readonly id: string;
    readonly earlier: Earlier;
    readonly resolve: (observation: Observation) => void;
    readonly reject: (error: unknown) => void;
}

/**
 * How long to wait for more polls after an answer to a cancel request, so that they share one reading. Milliseconds.
 */
const lullMs = 150;

/** While cancel requests are sent, a reading waits until this number of polls is due, or this long, to save quota. */
const worthAList = 100;
const maxDelayMs = 60_000;

/**
 * How long before its `proveBy` a proof is read, in milliseconds. Waiting that long gives the cancellation time to
 * appear.
 */
const proofMarginMs = 30_000;

/**
 * The pause after each list of a cycle while cancel requests are sent, in milliseconds. Readings then use 3 % of the
 * quota.
 */
const pauseWhileSendingMs = 20_000;

/** After this time, in milliseconds, an alarm is set again, in case the system clock was changed. */
const alarmTrustMs = 1_000;

/** The pause after a cycle at other times, in milliseconds: short for one action, long for a thousand. */
function pauseAfterCycle(size: number): number {
    const lists = Math.ceil(size / maxIdsPerList);
    return lists > 1 ? lists * 4_500 : (size - 1) * 30;
}

/** The part of the send queue that the poller uses. */
export interface RequestTraffic {
    /** Whether no request waits or is under way. */
    isIdle(): boolean;
    /** Resolves when {@link isIdle} may have changed. */
    change(): Promise<void>;
    /** When the last answer arrived; milliseconds since the epoch. */
    lastAnswerAt(): number | undefined;
}

export function createPoller(observer: Observer, queue: RequestTraffic, clock: Clock, stop: AbortSignal): Poller {
    const waiting = createPendingPolls<Waiter>();
    let underWay = 0;
    let isRunning = false;
    let lastCycle = { at: 0, size: 1 };
    let changed = Promise.withResolvers<void>();
    let alarm: { readonly at: number; readonly setAt: number; readonly off: AbortController } | undefined;
    stop.addEventListener("abort", () => changed.resolve());

    /** When to read, or to check again. A deadline never triggers a poll before the minimum interval. */
    function fireAt(now: number): number {
        const { at, size } = lastCycle;
        if (at > now || waiting.times.lastSince > now) {
            // The clock was set back, so the times of the waiting polls may be hours away.
            return now;
        }
        const isSending = !queue.isIdle();
        const { notBefore, deadline, since, firstProveBy, hasFirst } = waiting.times;
        // The pause is for actions that are read repeatedly. If all actions already wait, a pause would let no other
        // join.
        const isLast = !isSending && waiting.size >= underWay && hasFirst;
        const pauseMs = isSending ? Math.ceil(size / maxIdsPerList) * pauseWhileSendingMs : pauseAfterCycle(size);
        const nextCycleAt = isLast ? 0 : at + pauseMs;
        if (nextCycleAt > now) {
            return nextCycleAt;
        }
        if (isSending) {
            const fullAt = waiting.notBeforeOf(worthAList);
            const proofAt = firstProveBy - proofMarginMs;
            return Math.min(fullAt, Math.max(notBefore, since + maxDelayMs), Math.max(notBefore, proofAt), deadline);
        }
        // The engine starts resources one by one, so the request that was just sent may be the first of many.
        const crowd = hasFirst ? Math.max(underWay, size) : underWay;
        const lullUntil = crowd > 1 ? (queue.lastAnswerAt() ?? 0) + lullMs : 0;
        return Math.min(Math.max(notBefore, lullUntil), deadline);
    }

    async function run(): Promise<void> {
        // Defer one tick, so that polls requested together share a cycle.
        await Promise.resolve();
        while (waiting.size > 0 && !stop.aborted) {
            const now = clock.now();
            const at = fireAt(now);
            if (at > now) {
                await untilChange(at, now);
                continue;
            }
            const cycle = waiting.takeAll();
            lastCycle = { at: now, size: cycle.length };
            for (const { id, earlier, resolve, reject } of cycle) {
                observer.read(id, earlier).then(resolve, reject);
            }
        }
        setAlarm(undefined, clock.now());
        isRunning = false;
        for (const { reject } of waiting.takeAll()) {
            reject(new DefenderError("ERR_DEFENDER_INTERRUPTED", "not read again, because the run was interrupted"));
        }
    }

    /** Waits until that time, or until a poll is added or a cancel request is answered. */
    async function untilChange(at: number, now: number): Promise<void> {
        changed = Promise.withResolvers();
        setAlarm(at, now);
        await Promise.race([changed.promise, queue.change()]);
    }

    /** Wakes the loop at that time. Most answers do not change the time: then a recently set alarm is kept. */
    function setAlarm(at: number | undefined, now: number): void {
        if (alarm?.at === at && alarm !== undefined && now >= alarm.setAt && now - alarm.setAt < alarmTrustMs) {
            return;
        }
        // The reason avoids the default one, which is an error with its stack.
        alarm?.off.abort(true);
        alarm = undefined;
        if (at === undefined) {
            return;
        }
        const off = new AbortController();
        alarm = { at, setAt: now, off };
        void clock.sleep(at - now, off.signal).then(() => {
            if (alarm?.off === off) {
                alarm = undefined;
                changed.resolve();
            }
        });
    }

    return {
        next: (id, earlier, wish) =>
            new Promise((resolve, reject) => {
                waiting.add({ ...wish, id, earlier, since: clock.now(), resolve, reject });
                changed.resolve();
                if (!isRunning) {
                    isRunning = true;
                    void run();
                }
            }),
        isProofOwed: () => clock.now() <= waiting.times.lastProveBy,
        enter() {
            underWay++;
            return () => {
                underWay--;
                changed.resolve();
            };
        },
    };
}
