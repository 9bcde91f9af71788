import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** How long tests take without a mutant, known to all processes of a run, and when that is long over. */
export interface Patience {
    /** In milliseconds; 0 while nobody knows. */
    tookMs(testId: string): number;
    note(testId: string, milliseconds: number): void;
    /** Keeps what was noted for the processes to come. */
    keep(): void;
    /** Resolves when tests that were begun now will not end any more, or when somebody aborts. */
    isOver(testIds: readonly string[], signal: AbortSignal): Promise<void>;
}

/** So long a test may do nothing at all, and so long it may take, beyond three times what it takes; milliseconds. */
const idleMs = 1_500;
const busyMs = 5_000;
/** So long it may take as long as nobody knows. */
const unknownMs = 40_000;
const lookMs = 250;
/** Whoever does less is idle, whatever else goes on on the machine. */
const leastUtilization = 0.02;

/** Keeps the times in a file. */
export function createPatience(path: string): Patience {
    const known = new Map<string, number>(read(path));
    return {
        tookMs: (testId) => known.get(testId) ?? 0,
        note: (testId, milliseconds) => known.set(testId, milliseconds),
        keep: () => writeFileSync(path, JSON.stringify([...known])),

        async isOver(testIds, signal) {
            const began = performance.now();
            const maxMs = Math.max(...testIds.map((testId) => known.get(testId) ?? unknownMs));
            let [idleSince, before] = [began, performance.eventLoopUtilization()];
            let isOver = false;
            while (!isOver && !signal.aborted) {
                await delay(lookMs, undefined, { signal }).catch(() => {});
                const [now, utilization] = [performance.now(), performance.eventLoopUtilization()];
                if (performance.eventLoopUtilization(utilization, before).utilization > leastUtilization) {
                    idleSince = now;
                }
                before = utilization;
                isOver = now - idleSince > idleMs + 3 * maxMs || now - began > busyMs + 3 * maxMs;
            }
        },
    };
}

function read(path: string): [string, number][] {
    try {
        return JSON.parse(readFileSync(path, "utf8"));
    } catch {
        return [];
    }
}
