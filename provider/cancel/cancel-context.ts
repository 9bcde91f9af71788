import type { DefenderClient } from "../api/defender-client.ts";
import type { Guard } from "../guard/guard.ts";
import type { LastSeen } from "../machines/last-seen.ts";
import type { DefenderError } from "../model/errors.ts";
import type { MachineAction } from "../model/machine-action.ts";
import type { CancellationRecord } from "../model/outputs.ts";
import type { Observer } from "../observe/observer.ts";
import type { Poller } from "../observe/poller.ts";
import type { OwnNames } from "../sign-in/own-names.ts";
import type { Clock } from "../system/clock.ts";
import type { RunIdentity } from "./cancel-record.ts";
import type { NextSlot } from "./reading-schedule.ts";
import type { RequestJournal } from "./request-journal.ts";
import type { SendQueue } from "./send-queue.ts";

/** The result of one cancellation. Without a `failure` it is proven. */
export interface CancellationResult {
    readonly machineActionId: string;
    /** The action in the last reading. */
    readonly action: MachineAction | undefined;
    readonly record: CancellationRecord;
    readonly failure: DefenderError | undefined;
}

/** The dependencies of the cancel core, which uses neither HTTP nor Pulumi directly. */
export interface CancelContext {
    readonly observer: Observer;
    /** Reads the cancellations that wait for their final status. */
    readonly poller: Poller;
    /** Holds each cancel request until its turn, and gives it a fresh reading. */
    readonly queue: SendQueue;
    /** Ranks the waiting requests. */
    readonly lastSeen: LastSeen;
    readonly nextSlot: NextSlot;
    /** Asked before every cancel request. */
    readonly guard: Guard;
    /** Sends one cancel request. */
    readonly send: DefenderClient["cancel"];
    /** Returns the identity that sends, for the evidence. */
    readonly identify: () => Promise<RunIdentity>;
    /** Stores each request before it is sent; undefined where the engine stores the state. */
    readonly journal?: RequestJournal | undefined;
    /** The names under which Defender may show that identity as a canceller. */
    readonly ownNames: OwnNames;
    readonly clock: Clock;
    /** Aborted when the run must stop. Nothing more is sent after that; requests under way are finished. */
    readonly stop: AbortSignal;
    /** The command that goes on with what this run leaves open, for messages. Default: "`pulumi up`". */
    readonly goOn?: string | undefined;
    /** How long a 404 is retried for an action that was never seen, in milliseconds. */
    readonly visibilityMs: number;
    /** How long this number of requests takes at the quota's pace, in milliseconds. */
    readonly paceMs: (requests: number) => number;
}
