import type { Clock } from "../../provider/system/clock.ts";

/** A clock that advances only by its sleeps, which it records. */
export interface RecordedClock extends Clock {
    /** Every sleep so far, in milliseconds. */
    readonly sleeps: number[];
    /** Advances the time without a sleep. */
    advance(milliseconds: number): void;
}

/** Starts at a fixed time. `onSleep` runs after each sleep, with the time at which it ended. */
export function recordedClock(onSleep: (now: number) => void = () => {}): RecordedClock {
    let now = Date.parse("2026-05-05T07:00:00Z");
    const sleeps: number[] = [];
    return {
        sleeps,
        now: () => now,
        async sleep(milliseconds, signal) {
            if (!signal?.aborted) {
                sleeps.push(milliseconds);
                now += milliseconds;
                onSleep(now);
            }
        },
        advance(milliseconds) {
            now += milliseconds;
        },
    };
}
