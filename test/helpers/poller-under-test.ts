import type { Observation } from "../../provider/api/defender-client.ts";
import type { SendQueue } from "../../provider/cancel/send-queue.ts";
import type { Observer } from "../../provider/observe/observer.ts";
import type { PollTiming } from "../../provider/observe/pending-polls.ts";
import { createPoller } from "../../provider/observe/poller.ts";
import type { Clock } from "../../provider/system/clock.ts";
import { simulatedTime } from "./simulated-time.ts";

interface Round {
    readonly atMs: number;
    readonly ids: string[];
}

/** A poller with an observer that records each read and its time, and a queue that the test fills and empties. */
export function pollerUnderTest(
    read: (id: string, atMs: number) => Promise<Observation> = async (id) => observationOf(id),
) {
    const time = simulatedTime();
    const signals: AbortSignal[] = [];
    let setBackMs = 0;
    let waits = 0;
    const clock: Clock = {
        now: () => time.now() - setBackMs,
        sleep(milliseconds, signal) {
            signals.push(...(signal ? [signal] : []));
            return time.sleep(milliseconds, signal);
        },
    };
    const start = time.now();
    const stop = new AbortController();
    const rounds: Round[] = [];
    let changed = Promise.withResolvers<void>();
    const sending = { isBusy: false, answeredAtMs: undefined as number | undefined };
    const queue: Pick<SendQueue, "isIdle" | "change" | "lastAnswerAt"> = {
        isIdle: () => !sending.isBusy,
        change() {
            waits++;
            return changed.promise;
        },
        lastAnswerAt: () => (sending.answeredAtMs === undefined ? undefined : start + sending.answeredAtMs),
    };
    const elapsed = () => time.now() - start;
    const observer = {
        read(id: string) {
            const last = rounds.at(-1);
            if (last?.atMs === elapsed()) {
                last.ids.push(id);
            } else {
                rounds.push({ atMs: elapsed(), ids: [id] });
            }
            return read(id, elapsed());
        },
    } as unknown as Observer;
    const poller = createPoller(observer, queue, clock, stop.signal);
    return {
        time,
        rounds,
        signals,
        poller,
        stop,
        sending,
        elapsed,
        /** How often the poller has begun to wait for the queue. */
        waits: () => waits,
        /** Sets the machine's clock back. */
        setBack(milliseconds: number) {
            setBackMs += milliseconds;
        },
        /** Notifies the poller, as the queue does, that a request was answered. */
        tell() {
            changed.resolve();
            changed = Promise.withResolvers();
        },
        next(id: string, dueInMs: number, latestInMs = 300_000, isFirst = false) {
            const wish: PollTiming = { notBefore: time.now() + dueInMs, deadline: time.now() + latestInMs, isFirst };
            return poller.next(id, {}, wish);
        },
        /** The time of each poll cycle, and the number of actions that it read. */
        schedule: () => rounds.map(({ atMs, ids }) => [atMs, ids.length]),
    };
}

export function observationOf(id: string): Observation {
    const action = { id, status: "InProgress", commands: [] };
    return { action, raw: action, correlationId: undefined, date: undefined, call: 1, beganAt: 0, receivedAt: 0 };
}

export const ids = (count: number) => Array.from({ length: count }, (_, index) => `action-${index}`);
