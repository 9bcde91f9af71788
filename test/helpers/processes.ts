import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** A process of this machine, as Linux's /proc shows it. */
export interface RunningProcess {
    readonly pid: number;
    readonly command: string;
}

/** The processes that were started with a text in their environment, such as the folder of an engine. */
function processesWith(text: string): RunningProcess[] {
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

/** The processes of a run of the CLI on the stack in a folder; its own program's process is not among them. */
export interface RunProcesses {
    readonly all: readonly RunningProcess[];
    readonly cli: RunningProcess | undefined;
    /** The SDK's plugin, or the provider plugin, without the shell that starts it. */
    readonly plugin: RunningProcess | undefined;
}

/** Whether a command is that of the SDK's plugin or of the provider plugin. */
export function isPlugin(command: string): boolean {
    return /^\S*node \S*(?:cmd\/dynamic-provider\/index|provider\/plugin\/main)\.js/.test(command);
}

/** The processes that currently run on the stack in a folder. */
export function runProcesses(folder: string): RunProcesses {
    const all = processesWith(`PULUMI_BACKEND_URL=file://${folder}`);
    return {
        all,
        cli: all.find(({ command }) => /^\S*pulumi (up|refresh|preview|destroy) /.test(command)),
        plugin: all.find(({ command }) => isPlugin(command)),
    };
}

/** Checks the condition repeatedly until it holds; fails after `withinMs`. */
export async function eventually(condition: () => boolean, withinMs: number, what: string): Promise<void> {
    const until = Date.now() + withinMs;
    while (!condition()) {
        if (Date.now() > until) {
            throw new Error(`not within ${withinMs} ms: ${what}`);
        }
        await delay(20);
    }
}
