import { readFileSync } from "node:fs";
import { runProcesses } from "../../test/helpers/processes.ts";

/** How often is looked, in milliseconds. */
const everyMs = 50;

/** Watches the plugin processes of the stack in a folder until it is disposed of. */
export interface MemoryWatch extends Disposable {
    /** The most that one of them had in memory, in MB; undefined where there is no /proc, or nothing was seen. */
    readonly peakMb: number | undefined;
}

/** Linux keeps the peak of each process; what it is in its last {@link everyMs} is not seen. */
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
        // Not there once it has ended and nobody has asked how.
        const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
        return peak === undefined ? undefined : Number(peak);
    } catch {
        return undefined;
    }
}
