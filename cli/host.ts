import { writeSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import type { SessionDependencies } from "../provider/session/session.ts";
import { type Clock, systemClock } from "../provider/system/clock.ts";

/** The parts of the process that the command uses. Tests pass their own. */
export interface CliHost {
    readonly env: NodeJS.ProcessEnv;
    /** Relative paths are relative to this folder. */
    readonly cwd: string;
    readonly stdin: Readable & { readonly isTTY?: boolean };
    readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
    readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
    readonly clock: Clock;
    /** Aborted by the first Ctrl-C, after which nothing more is sent. */
    readonly stop: AbortSignal;
    readonly ties?: SessionDependencies;
    /** After this call, the process goes on when stdout loses its reader. Without this call, the process ends then. */
    readonly outliveReader?: () => void;
    /** Calls the listener if the process exits before the returned function is called. */
    readonly onExit?: (listener: () => void) => () => void;
    /** As {@link writeNow}. Absent where the streams are not those of the process. */
    readonly writeNow?: (name: OutputName, text: string) => void;
}

export type OutputName = "stdout" | "stderr";

/** The host for this process. */
export function processHost(stop: AbortSignal, outliveReader: () => void): CliHost {
    const { env, stdin, stdout, stderr } = process;
    const descriptors: Readonly<Record<OutputName, number>> = { stdout: 1, stderr: 2 };
    return {
        ...{ env, cwd: process.cwd(), stdin, stdout, stderr, clock: systemClock, stop, outliveReader },
        onExit(listener) {
            process.once("exit", listener);
            return () => void process.off("exit", listener);
        },
        writeNow: (name, text) => writeAll(descriptors[name], text),
    };
}

/** Writes text, and returns when the operating system has accepted it. Throws if the stream has lost its reader. */
export function writeNow(host: CliHost, name: OutputName, text: string): void {
    if (host.writeNow) {
        host.writeNow(name, text);
    } else {
        host[name].write(text);
    }
}

/** How long a reader may read nothing before a write fails, in milliseconds. */
const maxStallMs = 10_000;
const pauseMs = 10;

function writeAll(descriptor: number, text: string): void {
    const bytes = Buffer.from(text);
    let written = 0;
    let stalledMs = 0;
    while (written < bytes.length) {
        try {
            written += writeSync(descriptor, bytes, written);
            stalledMs = 0;
        } catch (error) {
            // The pipe is full.
            if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || stalledMs >= maxStallMs) {
                throw error;
            }
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
            stalledMs += pauseMs;
        }
    }
}
