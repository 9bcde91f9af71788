import type { Observation } from "../api/defender-client.ts";
import { maxIdsPerList } from "../api/id-lists.ts";
import { DefenderError } from "../model/errors.ts";
import type { Clock } from "../system/clock.ts";
import type { Earlier, Observer } from "./observer.ts";

/** When the next reading of one waiting cancellation is wanted; milliseconds since the epoch. */
export interface PollTiming {
    /** Not before it is worth asking for this one alone. */
    readonly notBefore: number;
    /** Its deadline: the reading comes no later, unless the quota is needed for others. */
    readonly deadline: number;
    /** Whether it has not been read since its cancel request. Default: false. */
    readonly isFirst?: boolean;
    /** A reading that begins by then can still show that the action did not start. Default: no such time. */
    readonly proveBy?: number | undefined;
}

/** What the wishes of all pending polls come to; times in milliseconds since the epoch. */
export interface PollTimes {
    readonly notBefore: number;
    readonly deadline: number;
    /** When the first and the last of them began to wait. */
    readonly since: number;
    readonly lastSince: number;
    /** Until when the first and the last proof can begin: no time where none is wanted. */
    readonly firstProveBy: number;
    readonly lastProveBy: number;
    /** Whether one of them has not been read since its cancel request. */
    readonly hasFirst: boolean;
}

/** One poll that waits for its reading. */
export interface PendingPoll extends PollTiming {
    readonly since: number;
}

/**
 * The polls that wait for the next reading. The poller asks for their times at each answer, so each poll is counted
 * once, when it comes: the work of a thousand answers does not grow with the square of the set.
 */
export interface PendingPolls<Poll extends PendingPoll> {
    add(poll: Poll): void;
    /** Removes all, and returns them in the order in which they came. */
    takeAll(): Poll[];
    readonly size: number;
    readonly times: PollTimes;
    /** When so many of them are due; no time where fewer wait. */
    notBeforeOf(count: number): number;
}

const none: PollTimes = {
    notBefore: Number.POSITIVE_INFINITY,
    deadline: Number.POSITIVE_INFINITY,
    since: Number.POSITIVE_INFINITY,
    lastSince: Number.NEGATIVE_INFINITY,
    firstProveBy: Number.POSITIVE_INFINITY,
    lastProveBy: Number.NEGATIVE_INFINITY,
    hasFirst: false,
};

export function createPendingPolls<Poll extends PendingPoll>(): PendingPolls<Poll> {
    let polls: Poll[] = [];
    /** Ascending. */
    let ascendingTimes: number[] = [];
    let times = none;

    function insertNotBefore(notBefore: number): void {
        // Mostly it is the last: polls come in the order of their answers.
        let index = ascendingTimes.length;
        while (index > 0 && (ascendingTimes[index - 1] ?? notBefore) > notBefore) {
            index--;
        }
        ascendingTimes.splice(index, 0, notBefore);
    }

    return {
        add(poll) {
            const { notBefore, deadline, since, proveBy, isFirst = false } = poll;
            polls.push(poll);
            insertNotBefore(notBefore);
            times = {
                notBefore: Math.min(times.notBefore, notBefore),
                deadline: Math.min(times.deadline, deadline),
                since: Math.min(times.since, since),
                lastSince: Math.max(times.lastSince, since),
                firstProveBy: Math.min(times.firstProveBy, proveBy ?? none.firstProveBy),
                lastProveBy: Math.max(times.lastProveBy, proveBy ?? none.lastProveBy),
                hasFirst: times.hasFirst || isFirst,
            };
        },
        takeAll() {
            const taken = polls;
            polls = [];
            ascendingTimes = [];
            times = none;
            return taken;
        },
        get size() {
            return polls.length;
        },
        get times() {
            return times;
        },
        notBeforeOf: (count) => ascendingTimes[count - 1] ?? Number.POSITIVE_INFINITY,
    };
}

/** Reads all cancellations that wait for their end, in shared cycles. */
export interface Poller {
    /** The next reading; it begins after this call. Rejects as {@link Observer.read} does, or after a stop. */
    next(machineActionId: string, earlier: Earlier, wish: PollTiming): Promise<Observation>;
    /** Counts a cancellation that is under way, until the returned function is called. */
    enter(): () => void;
    /** Whether a first reading is still to come that has a time to begin by: it needs one call of the quota. */
    isProofOwed(): boolean;
}

interface Waiter extends PendingPoll {
    readonly id: string;
    readonly earlier: Earlier;
    readonly resolve: (observation: Observation) => void;
    readonly reject: (error: unknown) => void;
}

/** After the answer to a cancel request more are likely to come: what they ask for shares one reading. Milliseconds. */
const lullMs = 150;

/** While cancel requests go out, readings wait until a list is worth its place in the quota: so many, or so long. */
const worthAList = 100;
const maxDelayMs = 60_000;

/** How long before the time that it has to begin by a proof is read, in milliseconds: the cancellation gets time to show. */
const proofMarginMs = 30_000;

/** The pause after each list of a cycle while cancel requests go out, in milliseconds: 3 % of the quota. */
const pauseWhileSendingMs = 20_000;

/** For so long an alarm is kept: then it is set anew, in case the machine's clock was. Milliseconds. */
const alarmTrustMs = 1_000;

/** The pause after a cycle at other times: quick for one, slow for a thousand. */
function pauseAfterCycle(size: number): number {
    const lists = Math.ceil(size / maxIdsPerList);
    return lists > 1 ? lists * 4_500 : (size - 1) * 30;
}

/** The requests of this process on their way, as far as a poller must know. */
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

    /** When to check again, or to read. A deadline never triggers a poll before the minimum interval. */
    function fireAt(now: number): number {
        const { at, size } = lastCycle;
        if (at > now || waiting.times.lastSince > now) {
            // The clock was set back: the times of those who wait may be hours away.
            return now;
        }
        const isSending = !queue.isIdle();
        const { notBefore, deadline, since, firstProveBy, hasFirst } = waiting.times;
        // The pause is for actions that are read again and again. Once all wait, no other would join a later cycle.
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
        // The request that was just sent may be the first of many: the engine starts them one by one.
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

    /** Waits, but not past the moment when a poll joins or a cancel request was answered. */
    async function untilChange(at: number, now: number): Promise<void> {
        changed = Promise.withResolvers();
        setAlarm(at, now);
        await Promise.race([changed.promise, queue.change()]);
    }

    /** Wakes the loop at that time. Most answers do not change it: then a young alarm stays as it is. */
    function setAlarm(at: number | undefined, now: number): void {
        if (alarm?.at === at && alarm !== undefined && now >= alarm.setAt && now - alarm.setAt < alarmTrustMs) {
            return;
        }
        // With a reason: the default one is an error with its stack.
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
