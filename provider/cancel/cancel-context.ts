import type { DefenderClient } from "../api/defender-client.ts";
import type { Guard } from "../guard/guard.ts";
import type { LastSeen } from "../machines/last-seen.ts";
import type { DefenderError } from "../model/errors.ts";
import type { MachineAction } from "../model/machine-action.ts";
import type { CancellationRecord } from "../model/outputs.ts";
import type { Observer } from "../observe/observer.ts";
import type { Poller } from "../observe/poller.ts";
import type { Clock } from "../system/clock.ts";
import type { RunIdentity } from "./cancel-record.ts";
import type { NextSlot } from "./freshness.ts";
import type { SendQueue } from "./send-queue.ts";

/** How far one cancellation came. Without a `failure` it is proven. */
export interface CancellationResult {
    readonly machineActionId: string;
    /** As the last read showed it. */
    readonly action: MachineAction | undefined;
    readonly record: CancellationRecord;
    readonly failure: DefenderError | undefined;
}

/** What the core works with. It knows neither HTTP nor Pulumi. */
export interface CancelContext {
    readonly observer: Observer;
    /** Reads what waits for its end. */
    readonly poller: Poller;
    /** Where cancel requests wait for their turn, and get a fresh reading. */
    readonly queue: SendQueue;
    /** Ranks the requests that wait. */
    readonly lastSeen: LastSeen;
    readonly nextSlot: NextSlot;
    /** Asked before every cancel request. */
    readonly guard: Guard;
    /** Sends one cancel request. */
    readonly send: DefenderClient["cancel"];
    /** Who sends, for the evidence. */
    readonly identify: () => Promise<RunIdentity>;
    readonly clock: Clock;
    /** Aborted when the run shall stop: nothing more is sent, what is under way is finished. */
    readonly stop: AbortSignal;
    /** How long a 404 of an action that was never seen is waited out, in milliseconds. */
    readonly visibilityMs: number;
    /** How long so many requests take at the quota's pace, in milliseconds. */
    readonly paceMs: (requests: number) => number;
}
