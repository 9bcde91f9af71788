import type { Held } from "./held-against-state.ts";

/** How an update is to go. */
export interface UpdateOptions {
    /** `--refresh`. */
    readonly refresh: boolean;
    /** After so many milliseconds the run is stopped, as by Ctrl-C. */
    readonly stopAfterMs?: number;
    /** The process dies before its result is stored. */
    readonly isThrownAway?: boolean;
}

/** What became of an update. */
export interface UpdateResult {
    /** Whether any resource failed. */
    readonly failed: boolean;
    /** A refresh that fails ends the update before it has begun. */
    readonly hasBegun: boolean;
    readonly wasStopped: boolean;
}

/** The stack of a soak, and the commands on it, whatever runs them. */
export interface SoakStack {
    preview(): Promise<void>;
    up(options: UpdateOptions): Promise<UpdateResult>;
    refresh(): Promise<void>;
    destroy(): Promise<void>;
    /** What the stored state holds of each action, or why the last update left nothing of it. */
    held(): Promise<ReadonlyMap<string, Held>>;
}
