import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** The system's facts about a process. */
export interface ProcessFacts {
    readonly parent: number;
    /** The name of its program, without folders; Linux cuts it to 15 characters. */
    readonly program: string;
    /** When it started, in the system's own format. A later process with the same id has another start. */
    readonly start: string;
    /** Whether it has ended, although its parent has not noticed that yet. */
    readonly hasEnded: boolean;
}

/**
 * Reads the facts from `/proc` on Linux. There the start is counted from boot, so setting the clock does not change it.
 * Undefined if the process or `/proc` does not exist.
 */
export function factsInProc(pid: number): ProcessFacts | undefined {
    const stat = isProcOurs() ? textOf(`/proc/${pid}/stat`) : undefined;
    if (stat === undefined) {
        return undefined;
    }
    // "PID (PROGRAM) STATE PARENT …": the program's name may hold blanks and parentheses.
    const end = stat.lastIndexOf(")");
    const fields = stat.slice(end + 2).split(" ");
    const [state = "", parent] = fields;
    return {
        parent: Number(parent),
        program: stat.slice(stat.indexOf("(") + 1, end),
        // Field 22 of proc_pid_stat(5).
        start: fields[19] ?? "",
        hasEnded: state === "Z" || state === "X",
    };
}

/**
 * Whether `/proc` belongs to this process's namespace. A container may see the `/proc` of another namespace, in which
 * the ids differ.
 */
function isProcOurs(): boolean {
    return linkAt("/proc/self") === String(process.pid);
}

/** Reads the same facts with `ps`, for macOS. Each call takes some milliseconds. */
export function factsByPs(pid: number): ProcessFacts | undefined {
    try {
        const line = execFileSync("/bin/ps", ["-o", "ppid=,lstart=,comm=", "-p", String(pid)], {
            encoding: "utf8",
            env: { LC_ALL: "C", TZ: "UTC" },
            stdio: ["ignore", "pipe", "ignore"],
            timeout: 5_000,
        });
        // " 4711 Sun Nov 29 20:39:23 2026 /usr/local/bin/pulumi"
        const [, parent, start, program] = /^\s*(\d+)\s+(\w+ \w+ +\d+ [\d:]+ \d+)\s+(.+?)\s*$/.exec(line) ?? [];
        return parent === undefined || start === undefined || program === undefined
            ? undefined
            : { parent: Number(parent), program: program.replace(/^.*\//, ""), start, hasEnded: false };
    } catch {
        return undefined;
    }
}

/** Reads the facts by the means that this operating system offers; undefined on Windows. */
export function factsOfProcess(pid: number): ProcessFacts | undefined {
    switch (process.platform) {
        case "win32":
            return undefined;
        case "linux":
            return factsInProc(pid);
        default:
            return factsByPs(pid);
    }
}

/**
 * The scope in which process ids are comparable: the machine, its boot, and the container's namespace of process ids.
 */
export function processIdSpace(): string {
    const boot = textOf("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
    return [hostname(), boot, linkAt("/proc/self/ns/pid") ?? ""].join(" ");
}

function linkAt(path: string): string | undefined {
    try {
        return readlinkSync(path);
    } catch {
        return undefined;
    }
}

function textOf(path: string): string | undefined {
    try {
        return readFileSync(path, "utf8");
    } catch {
        return undefined;
    }
}
