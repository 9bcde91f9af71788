/**
 * How an action behaves.
 * - `pending`: Pending; the cancel call makes it Cancelled at once, and its answer shows that (default).
 * - `pending-then-cancelled`: Pending, also in the cancel call's answer; it is Cancelled `settleMs` later.
 * - `in-progress-then-cancelled`: InProgress; it is Cancelled `settleMs` after the cancel call.
 * - `in-progress-then-succeeded`: InProgress; the cancel call answers 200, but after `settleMs` it is Succeeded.
 * - `cancelled-though-completed`: a LiveResponse that is InProgress although its command shows `Completed`; it is
 *   Cancelled `settleMs` after the cancel call.
 * - `race`: Pending, also in the cancel call's answer; its machine hears of the cancellation `settleMs` later. It is
 *   Cancelled then, unless it has ended by itself before. If it has ended in the second half of that time, it is
 *   Cancelled too, although it has run and its commands show `Completed`.
 * - `never-final`: InProgress; the cancel call answers 200 and the status never changes.
 */
export type ActionBehaviour =
    | "pending"
    | "pending-then-cancelled"
    | "in-progress-then-cancelled"
    | "in-progress-then-succeeded"
    | "cancelled-though-completed"
    | "race"
    | "never-final";

/** The status with which each behaviour ends after the cancel call, and whether that takes `settleMs`. */
export const endings: Readonly<Record<ActionBehaviour, { status: string; settles: boolean } | undefined>> = {
    pending: { status: "Cancelled", settles: false },
    "pending-then-cancelled": { status: "Cancelled", settles: true },
    "in-progress-then-cancelled": { status: "Cancelled", settles: true },
    "in-progress-then-succeeded": { status: "Succeeded", settles: true },
    "cancelled-though-completed": { status: "Cancelled", settles: true },
    race: { status: "Cancelled", settles: true },
    "never-final": undefined,
};

/** Whether an action with this behaviour begins as Pending, not as InProgress. */
export function beginsPending(behaviour: ActionBehaviour): boolean {
    return behaviour.startsWith("pending") || behaviour === "race";
}

/** How an action runs, ends and reacts to a cancel request. Every property has a default. */
export interface ActionConduct {
    /** Default `pending`. */
    behaviour?: ActionBehaviour;
    /** Milliseconds from the cancel call to the end, for a behaviour that does not end at once. Default 1,000. */
    settleMs?: number;
    /**
     * For so many ms after it is seeded, the API answers get, cancel and list as if the action did not exist. Default
     * 0.
     */
    visibleAfterMs?: number;
    /**
     * Whenever the action becomes Cancelled, this requestor submits a new action of the same type on the same machine.
     */
    reissuedBy?: string;
    /** Milliseconds from the cancellation to the re-issue. Default 0. */
    reissuedAfterMs?: number;
    /** This many ms after the action first became Cancelled, it becomes InProgress again. */
    resumedAfterMs?: number;
    /** How a Pending action behaves once it has started. Default `in-progress-then-cancelled`; `race` stays `race`. */
    onceStarted?: ActionBehaviour;
    /**
     * How long it runs once it has started, in milliseconds. The default depends on its type if the machine goes online
     * or offline by itself or on demand, see `MachineSeed`. Otherwise it runs until it is cancelled or finished.
     */
    runsForMs?: number;
    /** The final status with which it ends by itself. Default `Succeeded`. */
    endsAs?: string;
    /**
     * How long after its creation it ends as TimeOut if it is still Pending, in milliseconds. Default: three days if
     * the machine goes online or offline; otherwise never.
     */
    timesOutAfterMs?: number;
}
