import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Detects tests that do not end, from the times that they take without a mutant. All processes of a run share them. */
export interface Patience {
    /** In milliseconds; 0 while it is not known. */
    tookMs(testId: string): number;
    note(testId: string, milliseconds: number): void;
    /** Saves the noted times for later processes. */
    keep(): void;
    /** Resolves when tests that begin now have run too long to end any more, or when the signal is aborted. */
    isOver(testIds: readonly string[], signal: AbortSignal): Promise<void>;
}

/** How long a test may be idle, and how long it may run, beyond three times its usual time; milliseconds. */
const idleMs = 1_500;
const busyMs = 5_000;
/** The usual time that is assumed until it is known. */
const unknownMs = 40_000;
const lookMs = 250;
/** A process with less utilization counts as idle, however busy the machine is. */
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
