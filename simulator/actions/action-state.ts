import type { ActionBehaviour } from "./action-conduct.ts";
import type { ActionMachine, ActionSeed } from "./action-seed.ts";
import type { MachineActionRow } from "./machine-action.ts";

/** One action and the steps that are planned for it. */
export interface ActionState {
    readonly row: MachineActionRow;
    readonly seed: ActionSeed;
    /** The row shows it only after `machineShownAfterMs`. */
    readonly machine: ActionMachine;
    behaviour: ActionBehaviour;
    resumedAfterMs: number | undefined;
    /** The accepted cancel request. Undefined if none was accepted, or if the action has been resumed since. */
    cancelRequest: { readonly at: number; readonly takesEffectAt: number } | undefined;
    /** When its commands are over, and at last its run. Undefined while no end of its run is planned. */
    runEnds: readonly number[] | undefined;
    /** The end that its machine has reached, and reports when it is online again. */
    unreportedEnd: string | undefined;
    /** Removes the planned resumption, or the planned end after a cancel request, from the agenda. */
    dropNext: () => void;
    /** Removes the end that the action reaches by itself from the agenda. */
    dropOwnEnd: () => void;
}

/** The state of an action for which nothing is planned yet. */
export function newState(row: MachineActionRow, seed: ActionSeed): ActionState {
    return {
        row,
        seed,
        machine: { machineId: row.machineId, computerDnsName: row.computerDnsName },
        behaviour: seed.behaviour ?? "pending",
        resumedAfterMs: seed.resumedAfterMs,
        cancelRequest: undefined,
        runEnds: undefined,
        unreportedEnd: undefined,
        dropNext() {},
        dropOwnEnd() {},
    };
}
