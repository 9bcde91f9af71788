import type { Readable, Writable } from "node:stream";
import type { SessionDependencies } from "../provider/session/session.ts";
import { type Clock, systemClock } from "../provider/system/clock.ts";

/** The parts of the process that the command uses. Tests pass their own. */
export interface CliHost {
    readonly env: NodeJS.ProcessEnv;
    /** Relative paths are relative to this folder. */
    readonly cwd: string;
    readonly stdin: Readable & { readonly isTTY?: boolean };
    readonly stdout: Writable & { readonly isTTY?: boolean };
    readonly stderr: Writable & { readonly isTTY?: boolean };
    readonly clock: Clock;
    /** Aborted by the first Ctrl-C, after which nothing more is sent. */
    readonly stop: AbortSignal;
    readonly ties?: SessionDependencies;
}

/** The host for this process. */
export function processHost(stop: AbortSignal): CliHost {
    const { env, stdin, stdout, stderr } = process;
    return { env, cwd: process.cwd(), stdin, stdout, stderr, clock: systemClock, stop };
}
