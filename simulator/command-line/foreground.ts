import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Whether this process may read its terminal. A shell's background job is stopped when it tries. Where that cannot be
 * found out, and on Windows, which has no such jobs: true.
 */
export function isInForeground(): boolean {
    const [group, foreground] = processGroups();
    return group === undefined || foreground === undefined || foreground < 1 || group === foreground;
}

/** The process group of this process, and that in the foreground of its terminal (-1 or 0: no terminal). */
function processGroups(): number[] {
    try {
        switch (process.platform) {
            case "linux": {
                // The name of the program, in parentheses, may contain blanks.
                const [, , group, , , foreground] =
                    readFileSync("/proc/self/stat", "utf8").split(/\) /).at(-1)?.split(" ") ?? [];
                return [Number(group), Number(foreground)];
            }
            case "win32":
                return [];
            default:
                return execFileSync("ps", ["-o", "pgid=,tpgid=", "-p", String(process.pid)], { encoding: "utf8" })
                    .trim()
                    .split(/\s+/)
                    .map(Number);
        }
    } catch {
        return [];
    }
}
