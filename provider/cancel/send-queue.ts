import { setImmediate as tick } from "node:timers/promises";
import type { Observation } from "../api/defender-client.ts";
import { maxIdsPerList } from "../api/id-lists.ts";
import type { LastSeen } from "../machines/last-seen.ts";
import { isFinal, type MachineAction } from "../model/machine-action.ts";
import type { Observer } from "../observe/observer.ts";
import { type Clock, duration } from "../system/clock.ts";
import type { Log } from "../text/print.ts";
import { createStaleReadings, isFreshAt } from "./freshness.ts";
import { batchSize, type NextSlot, nextPair } from "./reading-schedule.ts";
import { createSendTurns, type OpenTurn, type SendTurn, turnWithoutRequest } from "./send-turns.ts";
import { byUrgency } from "./urgency.ts";

/** The queue of cancel requests. A few are sent at a time, the most urgent first, and each on a fresh reading. */
export interface SendQueue {
    /**
     * Runs the work in its turn. If the quota is free, the reading of the turn is at most 15 s old. The work checks the
     * age again when it sends the request. An action that ended, or cannot be read, gets its turn at once.
     */
    pass<T>(observation: Observation, work: (turn: SendTurn) => Promise<T>): Promise<T>;
    /** Whether no cancel request waits or is in flight. */
    isIdle(): boolean;
    /** Resolves when the next request is answered, or when the queue is idle. */
    change(): Promise<void>;
    /** When the last sent request ended, answered or not; milliseconds since the epoch. Undefined before that. */
    lastAnswerAt(): number | undefined;
}

export interface SendQueueOptions {
    readonly observer: Pick<Observer, "read">;
    /** Reads the machines of actions whose turn comes next, where a rule of the guard needs them. Never rejects. */
    readonly prefetch: (actions: readonly MachineAction[]) => Promise<void>;
    readonly lastSeen: Pick<LastSeen, "of">;
    readonly nextSlot: NextSlot;
    /** Whether a call of the quota must be kept for a proof. */
    readonly isProofOwed: () => boolean;
    readonly clock: Clock;
    /** Takes one line for each wait of more than 3 s. */
    readonly log: Log;
    /** Takes the line of a wait of up to a minute, which is the quota's normal pace. Default: `log`. */
    readonly logPace?: Log | undefined;
    /** Aborted when the run must stop: then every turn comes at once, and the work sends nothing. */
    readonly stop: AbortSignal;
}

/** Waits up to this length are not logged, in milliseconds. */
const silentMs = 3_000;

/** The longest wait at the normal pace, in milliseconds: until the calls of the last minute no longer count. */
const normalMs = 61_000;

interface Waiter {
    observation: Observation;
    readonly resolve: (turn: OpenTurn) => void;
}

export function createSendQueue(options: SendQueueOptions): SendQueue {
    const { observer, prefetch, lastSeen, nextSlot, isProofOwed, clock, log, logPace = log, stop } = options;
    const staleReadings = createStaleReadings(clock);
    let waiting: Waiter[] = [];
    let isRanked = true;
    let isRunning = false;
    let loggedUntil = 0;
    let changed = Promise.withResolvers<void>();
    const turns = createSendTurns({ clock, staleReadings, onEnd: wake });
    stop.addEventListener("abort", () => wake());

    function wake(): void {
        changed.resolve();
        changed = Promise.withResolvers();
    }

    async function untilChange(milliseconds: number): Promise<void> {
        const woken = new AbortController();
        await Promise.race([clock.sleep(milliseconds, woken.signal), changed.promise]);
        // The reason avoids the default one, which is an error with its stack, once for each answer.
        woken.abort(true);
    }

    /** Hands out turns until no request waits. */
    async function run(): Promise<void> {
        try {
            // Defer one tick, so that requests queued together are ordered by urgency.
            await tick();
            let isRead = false;
            while (waiting.length > 0 && !stop.aborted) {
                isRead = await handOut(isRead);
            }
            handBackAll();
        } catch (error) {
            // No error may leave requests waiting.
            handBackAll(error);
        } finally {
            // There is no await after the last check of `waiting`, because a request queued in between would never
            // wake.
            isRunning = false;
            wake();
        }
    }

    /**
     * Does one step: gives the first request its turn, reads, or waits. `isRead`: whether the last step was a reading.
     * Returns whether this step was a reading.
     */
    async function handOut(isRead: boolean): Promise<boolean> {
        if (turns.isFull()) {
            await changed.promise;
            return isRead;
        }
        rank();
        const [first] = waiting;
        const taken = turns.notDeparted() + (isProofOwed() ? 1 : 0);
        const slot = nextSlot(taken);
        const isFresh = first !== undefined && isFreshAt(first.observation, slot);
        const pair = isFresh ? undefined : nextPair(nextSlot, taken);
        // With a slow quota, no reading can be fresher than the call right before the request.
        if (first && (isFresh || (isRead && pair === undefined))) {
            waiting.shift();
            first.resolve(turns.open(first.observation, isRead));
            return false;
        }
        if (pair !== undefined && pair > clock.now() && (isRead || pair > slot || isProofOwed())) {
            // A reading now would use a call that the proof needs, or be too old when the next request is allowed.
            logWait(pair);
            await untilChange(pair - clock.now());
            return false;
        }
        const failure = staleReadings.failure();
        if (failure) {
            staleReadings.progress();
            throw failure;
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
            const logOne = waitMs <= normalMs ? logPace : log;
            logOne(`waiting ${duration(waitMs)} until the API's quota allows a reading and its request; ${requests}`);
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

    /** Reads the actions whose turn comes next, in few calls. Returns whether any of them still waits. */
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
        return left.size < batch.length;
    }

    function handBack({ observation, resolve }: Waiter, readFailure?: unknown): void {
        resolve(turnWithoutRequest(observation, readFailure));
    }

    function handBackAll(readFailure?: unknown): void {
        for (const waiter of waiting.splice(0)) {
            handBack(waiter, readFailure);
        }
    }

    return {
        async pass(observation, work) {
            const { promise, resolve } = Promise.withResolvers<OpenTurn>();
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
        isIdle: () => turns.inFlight() === 0 && waiting.length === 0,
        change: () => changed.promise,
        lastAnswerAt: turns.lastAnswerAt,
    };
}
