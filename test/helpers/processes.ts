import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** A process of this machine, as Linux's /proc shows it. */
export interface RunningProcess {
    readonly pid: number;
    readonly command: string;
}

/** The processes that were started with a text in their environment, such as the folder of an engine. */
export function processesWith(text: string): RunningProcess[] {
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .flatMap((pid) => {
            try {
                if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(text)) {
                    return [];
                }
                return [
                    { pid: Number(pid), command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ") },
                ];
            } catch {
                // It ended meanwhile.
                return [];
            }
        });
}

/** Asks again and again until the condition holds; fails after `withinMs`. */
export async function eventually(condition: () => boolean, withinMs: number, what: string): Promise<void> {
    const until = Date.now() + withinMs;
    while (!condition()) {
        if (Date.now() > until) {
            throw new Error(`not within ${withinMs} ms: ${what}`);
        }
        await delay(20);
    }
}
