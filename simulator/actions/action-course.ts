import type { Agenda } from "../time/agenda.ts";
import { beginsPending, endings } from "./action-conduct.ts";
import { createActionRuns } from "./action-run.ts";
import { type ActionSeed, cancelledInPortal } from "./action-seed.ts";
import { type ActionState, newState } from "./action-state.ts";
import { hideMachine, showCommands } from "./first-appearance.ts";
import { type CommandRow, commandsOf, endedCommands, executingCommands } from "./live-response.ts";
import {
    errorHResultOf,
    formatTicks,
    isCancelled,
    isFinal,
    type MachineActionRow,
    parseTicks,
} from "./machine-action.ts";
import { pendingForMs } from "./run-times.ts";

/** Changes machine actions after cancel requests, when their machines come online, and as time passes. */
export interface ActionCourse {
    /** Plans the next steps of an action that was just added. */
    begin(row: MachineActionRow, seed: ActionSeed, time: number): ActionState;
    /** Records an accepted cancel request and plans the end that it leads to. */
    requestCancel(state: ActionState, requestor: string, comment: string, time: number): void;
    /** Makes the action InProgress, because its machine has fetched it. */
    start(state: ActionState, time: number): void;
    /** Lets its machine, which is online, report what it has done; plans the end of an action that has none. */
    reconnect(state: ActionState, time: number): void;
    /** Plans the end of a Pending action whose machine does not come back in time. */
    planTimeOut(state: ActionState): void;
    become(state: ActionState, status: string, time: number): void;
    /** Makes a Cancelled action InProgress again. */
    resume(state: ActionState, time: number): void;
}

/** What an action needs to know of others, and what follows for them. */
export interface ActionContext {
    /** Whether a machine is online; undefined if nothing happens by itself on it. */
    isOnline(machineId: string | null): boolean | undefined;
    /** Adds an action like the one that was cancelled. */
    reissue(state: ActionState, requestor: string, time: number): void;
    /** Called when an action has a final status. */
    ended(state: ActionState, time: number): void;
}

/** `stamp` gives each change a unique time. */
export function createActionCourse(
    agenda: Agenda,
    stamp: (time: number) => bigint,
    { isOnline, reissue, ended }: ActionContext,
): ActionCourse {
    const runs = createActionRuns(agenda, { isOnline, become, touch });

    function touch({ row }: ActionState, time: number): string {
        row.lastUpdateDateTimeUtc = formatTicks(stamp(time));
        return row.lastUpdateDateTimeUtc;
    }

    function become(state: ActionState, status: string, time: number): void {
        const { row, seed } = state;
        state.dropNext();
        runs.drop(state);
        row.status = status;
        row.errorHResult = errorHResultOf(status);
        const date = touch(state, time);
        if (isFinal(status)) {
            if (commandsOf(seed) !== undefined) {
                row.commands = endedCommands(row.commands as CommandRow[], status, date);
            }
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
            agenda.after(time, seed.reissuedAfterMs ?? 0, (then) => reissue(state, reissuedBy, then));
        }
    }

    function planResumption(state: ActionState, time: number): void {
        if (state.resumedAfterMs !== undefined) {
            state.dropNext = agenda.after(time, state.resumedAfterMs, (then) => resume(state, then));
            state.resumedAfterMs = undefined;
        }
    }

    function resume(state: ActionState, time: number): void {
        state.cancelRequest = undefined;
        state.behaviour = "pending";
        become(state, "InProgress", time);
        if (isOnline(state.machine.machineId)) {
            runs.plan(state, time);
        }
    }

    /** Plans the end that an accepted cancel request leads to. */
    function planCancelledEnd(state: ActionState, requestedAt: number): void {
        state.dropNext();
        const ending = endings[state.behaviour];
        if (ending !== undefined) {
            const takesEffectAt = agenda.dueAt(requestedAt, ending.settles ? (state.seed.settleMs ?? 1_000) : 0);
            state.cancelRequest = { at: requestedAt, takesEffectAt };
            state.dropNext = agenda.plan(takesEffectAt, (then) => runs.reachEnd(state, ending.status, then));
        }
    }

    function planTimeOut(state: ActionState): void {
        const { row, seed } = state;
        if (row.status === "Pending") {
            const created = Number((parseTicks(row.creationDateTimeUtc) ?? 0n) / 10_000n);
            state.dropOwnEnd();
            state.dropOwnEnd = agenda.after(created, seed.timesOutAfterMs ?? pendingForMs, (then) =>
                become(state, "TimeOut", then),
            );
        }
    }

    return {
        begin(row, seed, time) {
            const state = newState(row, seed);
            if (isCancelled(row.status)) {
                planResumption(state, time);
            }
            if (seed.timesOutAfterMs !== undefined) {
                planTimeOut(state);
            }
            showCommands(agenda, state, time);
            hideMachine(agenda, state, time);
            return state;
        },
        requestCancel(state, requestor, comment, time) {
            const date = touch(state, time);
            state.row.cancellationRequestor = requestor;
            state.row.cancellationComment = comment;
            state.row.cancellationDateTimeUtc = date;
            state.cancelRequest = { at: time, takesEffectAt: time };
            planCancelledEnd(state, time);
        },
        start(state, time) {
            const { row, seed } = state;
            if (state.behaviour !== "race" && beginsPending(state.behaviour)) {
                state.behaviour = seed.onceStarted ?? "in-progress-then-cancelled";
            }
            runs.drop(state);
            row.status = "InProgress";
            const date = touch(state, time);
            const commands = commandsOf(seed);
            if (commands !== undefined) {
                row.commands = executingCommands(commands, date);
            }
            if (state.cancelRequest !== undefined) {
                planCancelledEnd(state, state.cancelRequest.at);
            }
            if (seed.runsForMs !== undefined || isOnline(state.machine.machineId) !== undefined) {
                runs.plan(state, time);
            }
        },
        reconnect: runs.reconnect,
        planTimeOut,
        become,
        resume,
    };
}
