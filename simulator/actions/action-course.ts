import type { Agenda } from "../time/agenda.ts";
import { type ActionBehaviour, beginsPending, endings } from "./action-conduct.ts";
import { type ActionMachine, type ActionSeed, cancelledInPortal } from "./action-seed.ts";
import {
    type CommandRow,
    commandsOf,
    createdCommands,
    endedCommands,
    executingCommands,
    progressedCommands,
} from "./live-response.ts";
import {
    errorHResultOf,
    formatTicks,
    isCancelled,
    isFinal,
    type MachineActionRow,
    parseTicks,
} from "./machine-action.ts";
import { commandsAfterMs, endsAfterMs, pendingForMs } from "./run-times.ts";

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
    function touch({ row }: ActionState, time: number): string {
        row.lastUpdateDateTimeUtc = formatTicks(stamp(time));
        return row.lastUpdateDateTimeUtc;
    }

    function become(state: ActionState, status: string, time: number): void {
        const { row, seed } = state;
        state.dropNext();
        dropRun(state);
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

    /** The end of an action in progress is known only when its machine reports it. */
    function reachEnd(state: ActionState, status: string, time: number): void {
        if (state.row.status === "InProgress" && isOnline(state.machine.machineId) === false) {
            state.unreportedEnd ??= status;
        } else {
            become(state, status, time);
        }
    }

    function dropRun(state: ActionState): void {
        state.dropOwnEnd();
        state.runEnds = undefined;
        state.unreportedEnd = undefined;
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
            planRun(state, time);
        }
    }

    /** Plans the end that an accepted cancel request leads to. */
    function planCancelledEnd(state: ActionState, requestedAt: number): void {
        state.dropNext();
        const ending = endings[state.behaviour];
        if (ending !== undefined) {
            const takesEffectAt = agenda.dueAt(requestedAt, ending.settles ? (state.seed.settleMs ?? 1_000) : 0);
            state.cancelRequest = { at: requestedAt, takesEffectAt };
            state.dropNext = agenda.plan(takesEffectAt, (then) => reachEnd(state, ending.status, then));
        }
    }

    /** Plans the end that the action reaches by itself, and before it the ends of its commands. */
    function planRun(state: ActionState, time: number): void {
        const { row, seed } = state;
        if (state.behaviour === "never-final") {
            return;
        }
        dropRun(state);
        const ends = endsAfterMs(row.type, seed).map((delay) => agenda.dueAt(time, delay));
        const drops = ends.map((end, nth) =>
            agenda.plan(end, (then) => {
                if (nth < ends.length - 1 || losesRace(state, then)) {
                    showProgress(state, then);
                } else {
                    reachEnd(state, seed.endsAs ?? "Succeeded", then);
                }
            }),
        );
        state.runEnds = ends;
        state.dropOwnEnd = () => {
            for (const drop of drops) {
                drop();
            }
        };
    }

    /** Whether the action is shown as Cancelled although it ends now: see the behaviour `race`. */
    function losesRace({ behaviour, cancelRequest }: ActionState, time: number): boolean {
        return (
            behaviour === "race" &&
            cancelRequest !== undefined &&
            time >= (cancelRequest.at + cancelRequest.takesEffectAt) / 2
        );
    }

    function showProgress(state: ActionState, time: number): void {
        const { row, seed, runEnds = [] } = state;
        const over = runEnds.filter((end) => end <= time).length;
        if (over > 0 && commandsOf(seed) !== undefined && isOnline(state.machine.machineId) !== false) {
            row.commands = progressedCommands(row.commands as CommandRow[], over, touch(state, time));
        }
    }

    function beginCommands({ row, seed }: ActionState, time: number): void {
        const commands = commandsOf(seed);
        if (commands === undefined || row.commands.length > 0) {
            return;
        }
        const created = row.creationDateTimeUtc;
        if (row.status === "Succeeded") {
            row.commands = endedCommands(createdCommands(commands), row.status, created);
        } else if (row.status === "InProgress") {
            row.commands = executingCommands(commands, created);
        } else if (!isFinal(row.status)) {
            agenda.after(time, seed.liveResponse?.commandsAfterMs ?? commandsAfterMs, () => {
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
            agenda.after(time, seed.machineShownAfterMs, () => Object.assign(row, machine));
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
            const state: ActionState = {
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
            if (isCancelled(row.status)) {
                planResumption(state, time);
            }
            if (seed.timesOutAfterMs !== undefined) {
                planTimeOut(state);
            }
            beginCommands(state, time);
            hideMachine(state, time);
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
            dropRun(state);
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
                planRun(state, time);
            }
        },
        reconnect(state, time) {
            if (state.unreportedEnd !== undefined) {
                showProgress(state, time);
                become(state, state.unreportedEnd, time);
            } else if (state.runEnds !== undefined) {
                showProgress(state, time);
            } else if (state.row.status === "InProgress") {
                planRun(state, time);
            }
        },
        planTimeOut,
        become,
        resume,
    };
}
