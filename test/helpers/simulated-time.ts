import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../provider/system/clock.ts";

/** A clock for many sleepers at once: when all work waits, the time advances to the end of the next sleep. */
export interface SimulatedTime extends Clock {
    /** Lets the time advance until the work is done. */
    run<T>(work: Promise<T>): Promise<T>;
}

/** The number of successive checks without progress after which all work counts as waiting. */
const maxIdle = 1_000;

let settling = 0;
const pendingTurns = () => process.getActiveResourcesInfo().filter((name) => name === "Immediate").length;

interface Sleeper {
    readonly until: number;
    readonly end: () => void;
}

/** `isBusy`: whether work is in progress that does not wait for this clock, such as a request over HTTP. */
export function simulatedTime(isBusy?: () => boolean): SimulatedTime {
    let now = Date.parse("2026-05-05T07:00:00Z");
    const sleepers = new Set<Sleeper>();

    /** Resolves when all work waits for the time to advance. */
    async function settled(): Promise<void> {
        // Work in turns of the event loop needs no simulated time. Other clocks of this process may also be settling.
        settling++;
        do {
            await turn();
        } while (pendingTurns() >= settling);
        settling--;
        // Between two requests there are real timers, of a millisecond or less, and promises.
        for (let quiet = 0; isBusy && quiet < 3; quiet = isBusy() ? 0 : quiet + 1) {
            await delay(1);
        }
    }

    async function pass(isOver: () => boolean): Promise<void> {
        let idle = 0;
        for (await settled(); !isOver(); await settled()) {
            const next = [...sleepers].reduce<Sleeper | undefined>(
                (first, one) => (first && first.until <= one.until ? first : one),
                undefined,
            );
            if (!next) {
                // The work after an answer may take the machine a moment.
                if (!isBusy || ++idle === maxIdle) {
                    throw new Error("everybody waits, and nobody for the time");
                }
                continue;
            }
            idle = 0;
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
