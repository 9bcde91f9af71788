import { createHash, randomBytes } from "node:crypto";
import { factsInProc, processIdSpace } from "../process-table.ts";

/**
 * The name under which a process holds a lock: `SPACE-PID-START-ORIGIN-NUMBER`. The name shows, without any clock,
 * whether the holder is still alive. Clocks can be set, and files can have dates in the future.
 */
const form = /^([0-9a-f]{12})-(\d+)-(\d*)-([0-9a-f]{12})-(\d+)$/;

// Identifies this copy of the package in this thread.
const origin = randomBytes(6).toString("hex");
const space = createHash("sha256").update(processIdSpace()).digest("hex").slice(0, 12);
const prefix = `${space}-${process.pid}-${factsInProc(process.pid)?.start ?? ""}-${origin}`;
let taken = 0;

/** A name that was never used before. */
export function newHolder(): string {
    return `${prefix}-${++taken}`;
}

export type HolderState = "alive" | "gone" | "unknown";

/** Whether a holder is alive. The caller must not hold a lock itself. */
export function stateOf(holder: string): HolderState {
    const [, holderSpace, pid, start, holderOrigin] = form.exec(holder) ?? [];
    if (holderOrigin === origin) {
        // The lock is our own, and could not be released.
        return "gone";
    }
    if (holderSpace !== space) {
        // The holder belongs to another machine, boot or container, so its process id means nothing here.
        return "unknown";
    }
    const facts = factsInProc(Number(pid));
    if (facts) {
        return facts.start === start && !facts.hasEnded ? "alive" : "gone";
    }
    // Without /proc, an id that is in use may belong to another process by now.
    return isInUse(Number(pid)) ? "unknown" : "gone";
}

/** "process 4711" */
export function inWords(holder: string): string {
    const [, , pid] = form.exec(holder) ?? [];
    return pid === undefined ? "something else" : `process ${pid}`;
}

function isInUse(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code !== "ESRCH";
    }
}
