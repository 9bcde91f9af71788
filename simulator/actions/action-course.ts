import type { Agenda } from "../time/agenda.ts";
import {
    type ActionBehaviour,
    type ActionMachine,
    type ActionSeed,
    cancelledInPortal,
    commandsOf,
    endings,
} from "./action-seed.ts";
import { type CommandRow, createdCommands, endedCommands, executingCommands } from "./live-response.ts";
import {
    errorHResultOf,
    formatTicks,
    isCancelled,
    isFinal,
    type MachineActionRow,
    parseTicks,
} from "./machine-action.ts";
import { commandsAfterMs, pendingForMs, runsForMs } from "./run-times.ts";

/** One action and the steps that are planned for it. */
export interface ActionState {
    readonly row: MachineActionRow;
    readonly seed: ActionSeed;
    /** The row shows it only after `machineShownAfterMs`. */
    readonly machine: ActionMachine;
    behaviour: ActionBehaviour;
    resumedAfterMs: number | undefined;
    /** When a cancel request was accepted. Undefined if none was accepted, or if the action has been resumed since. */
    cancelRequestedAt: number | undefined;
    /** Removes the planned resumption, or the planned end after a cancel request, from the agenda. */
    dropNext: () => void;
    /** Removes the end that the action reaches by itself from the agenda. */
    dropOwnEnd: () => void;
}

/** Changes machine actions after cancel requests, when their machines come online, and as time passes. */
export interface ActionCourse {
    /** Plans the next steps of an action that was just added. */
    begin(row: MachineActionRow, seed: ActionSeed, time: number): ActionState;
    /** Records an accepted cancel request and plans the end that it leads to. */
    requestCancel(state: ActionState, requestor: string, comment: string, time: number): void;
    /** Makes the action InProgress, because its machine has fetched it. */
    start(state: ActionState, time: number): void;
    /** Plans the end that the action reaches by itself, because its machine is online. */
    planEnd(state: ActionState, time: number): void;
    /** Plans the end of a Pending action whose machine does not come back in time. */
    planTimeOut(state: ActionState): void;
    become(state: ActionState, status: string, time: number): void;
    /** Makes a Cancelled action InProgress again. */
    resume(state: ActionState, time: number): void;
}

/** What follows from the course of an action beyond this action. */
export interface ActionEvents {
    /** Adds an action like the one that was cancelled. */
    reissue(state: ActionState, requestor: string, time: number): void;
    /** Called when an action has been given a final status. */
    ended(state: ActionState, time: number): void;
}

/** `stamp` gives each change a unique time. */
export function createActionCourse(
    agenda: Agenda,
    stamp: (time: number) => bigint,
    { reissue, ended }: ActionEvents,
): ActionCourse {
    function touch({ row }: ActionState, time: number): string {
        row.lastUpdateDateTimeUtc = formatTicks(stamp(time));
        return row.lastUpdateDateTimeUtc;
    }

    function become(state: ActionState, status: string, time: number): void {
        const { row, seed } = state;
        state.dropNext();
        state.dropOwnEnd();
        row.status = status;
        row.errorHResult = errorHResultOf(status);
        const date = touch(state, time);
        if (isFinal(status) && commandsOf(seed) !== undefined) {
            row.commands = endedCommands(row.commands as CommandRow[], status, date);
        }
        if (isFinal(status)) {
            ended(state, time);
        }
        if (!isCancelled(status)) {
            return;
        }
        if (row.cancellationDateTimeUtc === null) {
            Object.assign(row, cancelledInPortal(date));
        }
        planResumption(state, time);
        const { reissuedBy } = seed;
        if (reissuedBy !== undefined) {
            agenda.plan(time + (seed.reissuedAfterMs ?? 0), (then) => reissue(state, reissuedBy, then));
        }
    }

    function planResumption(state: ActionState, time: number): void {
        if (state.resumedAfterMs !== undefined) {
            state.dropNext = agenda.plan(time + state.resumedAfterMs, (then) => resume(state, then));
            state.resumedAfterMs = undefined;
        }
    }

    function resume(state: ActionState, time: number): void {
        state.cancelRequestedAt = undefined;
        state.behaviour = "pending";
        become(state, "InProgress", time);
    }

    /** Plans the end that an accepted cancel request leads to. */
    function planCancelledEnd(state: ActionState, requestedAt: number): void {
        state.dropNext();
        const ending = endings[state.behaviour];
        if (ending !== undefined) {
            const end = requestedAt + (ending.settles ? (state.seed.settleMs ?? 1_000) : 0);
            state.dropNext = agenda.plan(end, (then) => become(state, ending.status, then));
        }
    }

    function planCommands(state: ActionState, time: number): void {
        const { row, seed } = state;
        const commands = commandsOf(seed);
        if (commands !== undefined && !isFinal(row.status)) {
            agenda.plan(time + (seed.liveResponse?.commandsAfterMs ?? commandsAfterMs), () => {
                if (row.commands.length === 0 && !isFinal(row.status)) {
                    row.commands = createdCommands(commands);
                }
            });
        }
    }

    function hideMachine({ row, seed, machine }: ActionState, time: number): void {
        if (seed.machineShownAfterMs !== undefined && seed.machineShownAfterMs > 0) {
            row.machineId = null;
            row.computerDnsName = null;
            agenda.plan(time + seed.machineShownAfterMs, () => Object.assign(row, machine));
        }
    }

    function planTimeOut(state: ActionState): void {
        const { row, seed } = state;
        if (row.status === "Pending") {
            const created = Number((parseTicks(row.creationDateTimeUtc) ?? 0n) / 10_000n);
            const end = created + (seed.timesOutAfterMs ?? pendingForMs);
            state.dropOwnEnd();
            state.dropOwnEnd = agenda.plan(end, (then) => become(state, "TimeOut", then));
        }
    }

    return {
        begin(row, seed, time) {
            const state: ActionState = {
                row,
                seed,
                machine: { machineId: row.machineId, computerDnsName: row.computerDnsName },
                behaviour: seed.behaviour ?? "pending",
                resumedAfterMs: seed.resumedAfterMs,
                cancelRequestedAt: undefined,
                dropNext() {},
                dropOwnEnd() {},
            };
            if (isCancelled(row.status)) {
                planResumption(state, time);
            }
            if (seed.timesOutAfterMs !== undefined) {
                planTimeOut(state);
            }
            if (row.status === "Succeeded" && row.commands.length === 0) {
                row.commands = endedCommands(
                    createdCommands(commandsOf(seed) ?? []),
                    row.status,
                    row.creationDateTimeUtc,
                );
            }
            planCommands(state, time);
            hideMachine(state, time);
            return state;
        },
        requestCancel(state, requestor, comment, time) {
            const date = touch(state, time);
            state.row.cancellationRequestor = requestor;
            state.row.cancellationComment = comment;
            state.row.cancellationDateTimeUtc = date;
            state.cancelRequestedAt = time;
            planCancelledEnd(state, time);
        },
        start(state, time) {
            const { row, seed } = state;
            if (state.behaviour.startsWith("pending")) {
                state.behaviour = seed.onceStarted ?? "in-progress-then-cancelled";
            }
            state.dropOwnEnd();
            row.status = "InProgress";
            const date = touch(state, time);
            const commands = commandsOf(seed);
            if (commands !== undefined) {
                row.commands = executingCommands(commands, date);
            }
            if (state.cancelRequestedAt !== undefined) {
                planCancelledEnd(state, state.cancelRequestedAt);
            }
        },
        planEnd(state, time) {
            const { row, seed } = state;
            if (state.behaviour !== "never-final") {
                const end = time + (seed.runsForMs ?? runsForMs(row.type));
                state.dropOwnEnd();
                state.dropOwnEnd = agenda.plan(end, (then) => become(state, seed.endsAs ?? "Succeeded", then));
            }
        },
        planTimeOut,
        become,
        resume,
    };
}
