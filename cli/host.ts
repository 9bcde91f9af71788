import type { Readable, Writable } from "node:stream";
import type { SessionDependencies } from "../provider/session/session.ts";
import { type Clock, systemClock } from "../provider/system/clock.ts";

/** What the command has from its process. A test brings its own. */
export interface CliHost {
    readonly env: NodeJS.ProcessEnv;
    /** Relative paths count from here. */
    readonly cwd: string;
    readonly stdin: Readable & { readonly isTTY?: boolean };
    readonly stdout: Writable & { readonly isTTY?: boolean };
    readonly stderr: Writable & { readonly isTTY?: boolean };
    readonly clock: Clock;
    /** Aborted by the first Ctrl-C: nothing more is sent. */
    readonly stop: AbortSignal;
    readonly ties?: SessionDependencies;
}

/** This process. */
export function processHost(stop: AbortSignal): CliHost {
    const { env, stdin, stdout, stderr } = process;
    return { env, cwd: process.cwd(), stdin, stdout, stderr, clock: systemClock, stop };
}
