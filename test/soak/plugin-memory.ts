import { readFileSync } from "node:fs";
import { runProcesses } from "../helpers/processes.ts";

/** What plugin processes had in memory while a command ran, in MB, in the order of the time. */
export interface PluginMemory {
    readonly samples: readonly number[];
    readonly peakMb: number;
}

const everyMs = 200;

/** Samples the resident memory of the plugin of the stack in a folder while the work goes on; needs Linux's /proc. */
export async function whileWatched<T>(
    folder: string,
    work: () => Promise<T>,
): Promise<{ readonly result: T; readonly memory: PluginMemory }> {
    const samples: number[] = [];
    let pid: number | undefined;
    const timer = setInterval(() => {
        const seen = pid === undefined ? undefined : residentMb(pid);
        if (seen === undefined) {
            // One has ended, and another may have begun: a refresh has a plugin of its own.
            pid = runProcesses(folder).plugin?.pid;
        } else {
            samples.push(seen);
        }
    }, everyMs);
    try {
        const result = await work();
        return { result, memory: { samples, peakMb: Math.max(0, ...samples) } };
    } finally {
        clearInterval(timer);
    }
}

function residentMb(pid: number): number | undefined {
    try {
        const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
        return resident === undefined ? undefined : Number(resident) / 1024;
    } catch {
        return undefined;
    }
}
