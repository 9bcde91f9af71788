import { readFileSync } from "node:fs";
import { runProcesses } from "../../test/helpers/processes.ts";

/** The interval between two readings, in milliseconds. */
const everyMs = 50;

/** Watches the plugin processes of the stack in a folder until it is disposed of. */
export interface MemoryWatch extends Disposable {
    /** The peak memory of the largest of them, in MB; undefined if there is no /proc, or no process was seen. */
    readonly peakMb: number | undefined;
}

/** Linux keeps the peak of each process; a peak in the last {@link everyMs} of a process is missed. */
export function watchMemory(folder: string): MemoryWatch {
    let pid: number | undefined;
    let peakKb = 0;
    const timer = setInterval(() => {
        const seen = pid === undefined ? undefined : peakOf(pid);
        peakKb = Math.max(peakKb, seen ?? 0);
        pid = seen === undefined && process.platform === "linux" ? runProcesses(folder).plugin?.pid : pid;
    }, everyMs);
    return {
        get peakMb() {
            return peakKb > 0 ? peakKb / 1024 : undefined;
        },
        [Symbol.dispose]: () => clearInterval(timer),
    };
}

function peakOf(pid: number): number | undefined {
    try {
        // A process that has ended and was not waited for has no such line.
        const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
        return peak === undefined ? undefined : Number(peak);
    } catch {
        return undefined;
    }
}
