import { setImmediate as settled } from "node:timers/promises";
import type { Clock } from "../../provider/clock.ts";

/** A clock for many sleepers at once: when nobody can go on, the time moves to the end of the next sleep. */
export interface SimulatedTime extends Clock {
    /** Lets time pass until the work is done. */
    run<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
    readonly until: number;
    readonly end: () => void;
}

export function simulatedTime(): SimulatedTime {
    let now = Date.parse("2026-05-05T07:00:00Z");
    const sleepers = new Set<Sleeper>();

    async function pass(isOver: () => boolean): Promise<void> {
        for (await settled(); !isOver(); await settled()) {
            const next = [...sleepers].reduce<Sleeper | undefined>(
                (first, one) => (first && first.until <= one.until ? first : one),
                undefined,
            );
            if (!next) {
                throw new Error("everybody waits, and nobody for the time");
            }
            now = Math.max(now, next.until);
            next.end();
        }
    }

    return {
        now: () => now,
        sleep: (milliseconds, signal) =>
            new Promise((resolve) => {
                const end = () => {
                    sleepers.delete(sleeper);
                    signal?.removeEventListener("abort", end);
                    resolve();
                };
                const sleeper: Sleeper = { until: now + Math.max(milliseconds, 0), end };
                if (signal?.aborted) {
                    return resolve();
                }
                signal?.addEventListener("abort", end);
                sleepers.add(sleeper);
            }),
        async run(work) {
            let isOver = false;
            const watched = work.finally(() => {
                isOver = true;
            });
            watched.catch(() => {});
            await pass(() => isOver);
            return watched;
        },
    };
}
