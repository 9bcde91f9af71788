import { setImmediate as tick } from "node:timers/promises";
import type { Observation } from "../api/defender-client.ts";
import { maxIdsPerList } from "../api/id-lists.ts";
import type { LastSeen } from "../machines/last-seen.ts";
import { isFinal, type MachineAction } from "../model/machine-action.ts";
import type { Observer } from "../observe/observer.ts";
import { type Clock, duration } from "../system/clock.ts";
import { batchSize, createStaleReadings, isFreshAt, type NextSlot, nextPair } from "./freshness.ts";
import { byUrgency } from "./urgency.ts";

/** One cancel request's place in flight. */
export interface SendTurn {
    /** The reading on which the request goes out. */
    readonly observation: Observation;
    /** It is the first after a reading: its request goes ahead of all other calls that wait for the quota. */
    readonly isNext: boolean;
    /** Why the action could not be read right before its turn: then nothing may be sent. */
    readonly readFailure?: unknown;
    /** Tells that the request went out. */
    departed(): void;
    /** Tells that the reading was too old when the quota let the request go: nothing went out. */
    outdated(): void;
}

/** Where cancel requests wait: the most urgent goes first, a few at a time, and each on a fresh reading. */
export interface SendQueue {
    /**
     * Does the work when its turn has come. The reading that it gets is at most 15 s old when the quota is free; the work
     * checks again when the request goes out. An action that ended, or cannot be read, gets its turn at once.
     */
    pass<T>(observation: Observation, work: (turn: SendTurn) => Promise<T>): Promise<T>;
    /** Whether no cancel request waits or is in flight. */
    isIdle(): boolean;
    /** Resolves when a request was answered, or when the queue is idle. */
    change(): Promise<void>;
    /** When the last answer came, milliseconds since the epoch; undefined before the first one. */
    lastAnswerAt(): number | undefined;
}

export interface SendQueueOptions {
    readonly observer: Pick<Observer, "read">;
    /** Reads the machines of actions whose turn comes next, where a rule of the guard needs them. Never rejects. */
    readonly prefetch: (actions: readonly MachineAction[]) => Promise<void>;
    readonly lastSeen: Pick<LastSeen, "of">;
    readonly nextSlot: NextSlot;
    /** Whether a call of the quota is to be left for a proof. */
    readonly isProofOwed: () => boolean;
    readonly clock: Clock;
    /** Takes one line for each wait of more than 3 s. */
    readonly log: (line: string) => void;
    /** Aborted when the run shall stop: then every turn comes at once, and the work sends nothing. */
    readonly stop: AbortSignal;
}

/**
 * As many as the quota lets be in flight. More would wait in the quota's queue, ahead of the reading that proves the
 * requests already sent.
 */
const maxInFlight = 8;

/** Shorter waits get no line, in milliseconds. */
const silentMs = 3_000;

interface Waiter {
    observation: Observation;
    readonly resolve: (turn: SendTurn & { readonly end: () => void }) => void;
}

export function createSendQueue(options: SendQueueOptions): SendQueue {
    const { observer, prefetch, lastSeen, nextSlot, isProofOwed, clock, log, stop } = options;
    const staleReadings = createStaleReadings(clock);
    let waiting: Waiter[] = [];
    let isRanked = true;
    let inFlight = 0;
    let notDeparted = 0;
    let answeredAt: number | undefined;
    let isRunning = false;
    let loggedUntil = 0;
    let changed = Promise.withResolvers<void>();
    stop.addEventListener("abort", () => wake());

    function wake(): void {
        changed.resolve();
        changed = Promise.withResolvers();
    }

    async function untilChange(milliseconds: number): Promise<void> {
        const woken = new AbortController();
        await Promise.race([clock.sleep(milliseconds, woken.signal), changed.promise]);
        // With a reason: the default one is an error with its stack, once for each answer.
        woken.abort(true);
    }

    /** Hands out turns while anything waits. */
    async function run(): Promise<void> {
        try {
            // Defer one tick, so that requests queued together are ordered by urgency.
            await tick();
            let isRead = false;
            while (waiting.length > 0) {
                isRead = await handOut(isRead);
            }
        } catch (error) {
            // An unexpected error must not leave requests waiting.
            for (const waiter of waiting.splice(0)) {
                handBack(waiter, error);
            }
        } finally {
            // No await after the last check of `waiting`: nothing would wake a request that was queued in between.
            isRunning = false;
            wake();
        }
    }

    /** Does one step: admits the first, reads, or waits. `isRead`: the last step was a reading. Returns whether this was. */
    async function handOut(isRead: boolean): Promise<boolean> {
        if (stop.aborted) {
            for (const waiter of waiting.splice(0)) {
                handBack(waiter);
            }
            return false;
        }
        if (inFlight >= maxInFlight) {
            await changed.promise;
            return isRead;
        }
        rank();
        const [first] = waiting;
        const taken = notDeparted + (isProofOwed() ? 1 : 0);
        const slot = nextSlot(taken);
        const isFresh = first !== undefined && isFreshAt(first.observation, slot);
        const pair = isFresh ? undefined : nextPair(nextSlot, taken);
        // A slow quota cannot give a fresher reading than the call right before the request.
        if (first && (isFresh || (isRead && pair === undefined))) {
            waiting.shift();
            handTurn(first, isRead);
            return false;
        }
        if (pair !== undefined && pair > clock.now() && (isRead || pair > slot || isProofOwed())) {
            // A reading now would take a call that the proof needs, or be old when the next request may go.
            logWait(pair);
            await untilChange(pair - clock.now());
            return false;
        }
        const failure = staleReadings.failure();
        if (failure) {
            staleReadings.progress();
            for (const waiter of waiting.splice(0)) {
                handBack(waiter, failure);
            }
            return false;
        }
        return readNext(
            batchSize(
                waiting.slice(0, maxIdsPerList).map(({ observation }) => observation),
                nextSlot,
                taken,
            ),
        );
    }

    function logWait(until: number): void {
        const waitMs = until - clock.now();
        if (waitMs > silentMs && until - loggedUntil > silentMs) {
            loggedUntil = until;
            const requests = waiting.length === 1 ? "1 cancel request waits" : `${waiting.length} cancel requests wait`;
            log(`waiting ${duration(waitMs)} until the API's quota allows a reading and its request; ${requests}`);
        }
    }

    function rank(): void {
        if (!isRanked) {
            waiting = byUrgency(waiting, ({ observation: { action } }) => ({
                action,
                lastSeen: lastSeen.of(action.machineId),
            }));
            isRanked = true;
        }
    }

    /** Reads those whose turn comes next, in few calls. Returns whether any of them goes on waiting. */
    async function readNext(size: number): Promise<boolean> {
        const batch = waiting.slice(0, Math.min(size, maxIdsPerList));
        await prefetch(batch.map(({ observation }) => observation.action));
        const readings = await Promise.allSettled(
            batch.map(({ observation: { action } }) => observer.read(action.id, action)),
        );
        const left = new Set<Waiter>();
        for (const [index, waiter] of batch.entries()) {
            const reading = readings[index];
            if (reading?.status === "fulfilled") {
                waiter.observation = reading.value;
            }
            if (reading?.status === "rejected") {
                handBack(waiter, reading.reason);
                left.add(waiter);
            } else if (isFinal(waiter.observation.action.status)) {
                handBack(waiter);
                left.add(waiter);
            }
        }
        waiting = waiting.filter((waiter) => !left.has(waiter));
        if (left.size > 0) {
            staleReadings.progress();
        } else {
            staleReadings.read();
        }
        isRanked = false;
        wake();
        return left.size < batch.length;
    }

    /** Gives a turn that sends nothing: it takes no place. */
    function handBack({ observation, resolve }: Waiter, readFailure?: unknown): void {
        resolve({ observation, isNext: false, readFailure, departed() {}, outdated() {}, end() {} });
    }

    function handTurn({ observation, resolve }: Waiter, isNext: boolean): void {
        let hasDeparted = false;
        let isOutdated = false;
        const departed = () => {
            notDeparted -= hasDeparted ? 0 : 1;
            hasDeparted = true;
            staleReadings.progress();
        };
        const outdated = () => {
            isOutdated = true;
        };
        inFlight++;
        notDeparted++;
        const end = () => {
            answeredAt = hasDeparted ? clock.now() : answeredAt;
            notDeparted -= hasDeparted ? 0 : 1;
            if (!isOutdated) {
                staleReadings.progress();
            }
            inFlight--;
            wake();
        };
        resolve({ observation, isNext, departed, outdated, end });
    }

    return {
        async pass(observation, work) {
            const { promise, resolve } = Promise.withResolvers<SendTurn & { readonly end: () => void }>();
            waiting.push({ observation, resolve });
            isRanked = false;
            if (!isRunning) {
                isRunning = true;
                void run();
            }
            const turn = await promise;
            try {
                return await work(turn);
            } finally {
                turn.end();
            }
        },
        isIdle: () => inFlight === 0 && waiting.length === 0,
        change: () => changed.promise,
        lastAnswerAt: () => answeredAt,
    };
}
