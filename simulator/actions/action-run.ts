import type { Agenda } from "../time/agenda.ts";
import type { ActionState } from "./action-state.ts";
import { type CommandRow, commandsOf, progressedCommands } from "./live-response.ts";
import { endsAfterMs } from "./run-times.ts";

/** The run of an action on its machine, and what the machine reports of it. */
export interface ActionRuns {
    /** Plans the end that the action reaches by itself, and before it the ends of its commands. */
    plan(state: ActionState, time: number): void;
    /** Removes what is planned for the run. */
    drop(state: ActionState): void;
    /** Gives the action a final status, or does so when its machine is online again. */
    reachEnd(state: ActionState, status: string, time: number): void;
    /** Lets the machine, which is online, report what it has done; plans the run of an action that has none. */
    reconnect(state: ActionState, time: number): void;
}

/** The parts of the course of an action that its run uses. */
export interface RunContext {
    isOnline(machineId: string | null): boolean | undefined;
    become(state: ActionState, status: string, time: number): void;
    /** Sets the time of the last update; returns it. */
    touch(state: ActionState, time: number): string;
}

export function createActionRuns(agenda: Agenda, course: RunContext): ActionRuns {
    /** The end of an action in progress is known only when its machine reports it. */
    function reachEnd(state: ActionState, status: string, time: number): void {
        if (state.row.status === "InProgress" && course.isOnline(state.machine.machineId) === false) {
            state.unreportedEnd ??= status;
        } else {
            course.become(state, status, time);
        }
    }

    function drop(state: ActionState): void {
        state.dropOwnEnd();
        state.runEnds = undefined;
        state.unreportedEnd = undefined;
    }

    /** Plans the end that the action reaches by itself, and before it the ends of its commands. */
    function plan(state: ActionState, time: number): void {
        const { row, seed } = state;
        if (state.behaviour === "never-final") {
            return;
        }
        drop(state);
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
        if (over > 0 && commandsOf(seed) !== undefined && course.isOnline(state.machine.machineId) !== false) {
            row.commands = progressedCommands(row.commands as CommandRow[], over, course.touch(state, time));
        }
    }

    return {
        plan,
        drop,
        reachEnd,
        reconnect(state, time) {
            const { unreportedEnd, runEnds } = state;
            if (unreportedEnd === undefined && runEnds === undefined) {
                if (state.row.status === "InProgress") {
                    plan(state, time);
                }
                return;
            }
            showProgress(state, time);
            if (unreportedEnd !== undefined) {
                course.become(state, unreportedEnd, time);
            }
        },
    };
}
