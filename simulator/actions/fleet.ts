import { createAgenda } from "../time/agenda.ts";
import { createStamps } from "../time/stamps.ts";
import { type ActionState, createActionCourse } from "./action-course.ts";
import { type ActionSeed, reissueOf, rowOf } from "./action-seed.ts";
import { isCancelled, isFinal, type MachineActionRow } from "./machine-action.ts";
import { fetchedAfterMs } from "./run-times.ts";

/** The result of a cancel request; `row` is the action right after it. */
export interface CancelResult {
    outcome: "accepted" | "already-final" | "not-found";
    row?: MachineActionRow;
}

/** The machine actions of one tenant, which change with time. Every call first runs the steps that are due. */
export interface Fleet {
    /** All actions, newest first. The rows are the fleet's own: copy before handing them out. */
    rows(): readonly MachineActionRow[];
    /** The actions that the API shows already, newest first. */
    visibleRows(): readonly MachineActionRow[];
    find(id: string): MachineActionRow | undefined;
    findVisible(id: string): MachineActionRow | undefined;
    seed(seed: ActionSeed): MachineActionRow;
    cancel(id: string, requestor: string, comment: string): CancelResult;
    start(id: string): void;
    resume(id: string): void;
    finish(id: string, status: string): void;
    reissue(id: string, requestor?: string): MachineActionRow;
    /** Sets when a machine comes online, milliseconds since the epoch; undefined if the time is not known. */
    setBackAt(machineId: string, time: number | undefined): void;
    /** Whether a machine is online; undefined if the fleet does not know when it comes online. */
    isOnline(machineId: string): boolean | undefined;
}

interface Entry {
    readonly state: ActionState;
    readonly visibleAt: number;
}

interface Presence {
    readonly backAt: number;
    /** Removes the return of the machine from the agenda. */
    readonly drop: () => void;
}

/** An empty fleet on a clock (ms since the epoch) that must not go back. */
export function createFleet(now: () => number): Fleet {
    const entries = new Map<string, Entry>();
    const onMachine = new Map<string, ActionState[]>();
    const presences = new Map<string, Presence>();
    const agenda = createAgenda();
    const stamp = createStamps();
    const course = createActionCourse(agenda, stamp, (row, requestor, time) => add(reissueOf(row, requestor), time));
    let newestFirst: readonly Entry[] | undefined;

    function add(seed: ActionSeed, time: number): MachineActionRow {
        const row = rowOf(seed, stamp(time));
        if (entries.has(row.id)) {
            throw new Error(`There is already a machine action ${row.id}.`);
        }
        const state = course.begin(row, seed, time);
        entries.set(row.id, { state, visibleAt: time + (seed.visibleAfterMs ?? 0) });
        newestFirst = undefined;
        if (row.machineId !== null) {
            onMachine.set(row.machineId, [...(onMachine.get(row.machineId) ?? []), state]);
            const presence = presences.get(row.machineId);
            if (presence !== undefined) {
                course.planTimeOut(state);
            }
            if (presence !== undefined && presence.backAt <= time) {
                agenda.plan(time + fetchedAfterMs, (then) => run(state, then));
            }
        }
        return row;
    }

    /** Starts the action if it is Pending, and plans its end. Called when its machine is online. */
    function run(state: ActionState, time: number): void {
        if (isFinal(state.row.status)) {
            return;
        }
        if (state.row.status === "Pending") {
            course.start(state, time);
        }
        course.planEnd(state, time);
    }

    function catchUp(): number {
        const time = now();
        agenda.runUntil(time);
        return time;
    }

    function ordered(): readonly Entry[] {
        newestFirst ??= [...entries.values()]
            .reverse()
            .sort((a, b) => compareTimes(b.state.row.creationDateTimeUtc, a.state.row.creationDateTimeUtc));
        return newestFirst;
    }

    function known(id: string): ActionState {
        const entry = entries.get(id.toLowerCase());
        if (entry === undefined) {
            throw new Error(`There is no machine action ${id}.`);
        }
        return entry.state;
    }

    function visible(id: string, time: number): ActionState | undefined {
        const entry = entries.get(id.toLowerCase());
        return entry !== undefined && entry.visibleAt <= time ? entry.state : undefined;
    }

    return {
        rows() {
            catchUp();
            return ordered().map(({ state }) => state.row);
        },
        visibleRows() {
            const time = catchUp();
            return ordered().flatMap(({ state, visibleAt }) => (visibleAt <= time ? [state.row] : []));
        },
        find(id) {
            catchUp();
            return entries.get(id.toLowerCase())?.state.row;
        },
        findVisible: (id) => visible(id, catchUp())?.row,
        seed: (seed) => add(seed, catchUp()),
        cancel(id, requestor, comment) {
            const time = catchUp();
            const state = visible(id, time);
            if (state === undefined) {
                return { outcome: "not-found" };
            }
            if (isFinal(state.row.status)) {
                return { outcome: "already-final", row: state.row };
            }
            if (state.cancelRequestedAt === undefined) {
                course.requestCancel(state, requestor, comment, time);
                agenda.runUntil(time);
            }
            return { outcome: "accepted", row: state.row };
        },
        start(id) {
            const time = catchUp();
            const state = known(id);
            const { row, seed } = state;
            if (isFinal(row.status)) {
                throw new Error(`Machine action ${id} is ${row.status} already.`);
            }
            course.start(state, time);
            if (seed.runsForMs !== undefined || presences.has(row.machineId ?? "")) {
                course.planEnd(state, time);
            }
            agenda.runUntil(time);
        },
        resume(id) {
            const time = catchUp();
            const state = known(id);
            if (!isCancelled(state.row.status)) {
                throw new Error(`Machine action ${id} is ${state.row.status}, not Cancelled.`);
            }
            course.resume(state, time);
        },
        finish(id, status) {
            const time = catchUp();
            if (!isFinal(status)) {
                throw new Error(`${status} is not a final status.`);
            }
            course.become(known(id), status, time);
            agenda.runUntil(time);
        },
        reissue(id, requestor) {
            const time = catchUp();
            const { row } = known(id);
            return add(reissueOf(row, requestor ?? row.requestor), time);
        },
        setBackAt(machineId, backAt) {
            const time = catchUp();
            const there = () => onMachine.get(machineId) ?? [];
            const before = presences.get(machineId);
            const isBack = (at: number | undefined) => at !== undefined && at <= time;
            if (before?.backAt === backAt || (isBack(before?.backAt) && isBack(backAt))) {
                return;
            }
            before?.drop();
            presences.delete(machineId);
            if (backAt === undefined) {
                return;
            }
            const drop = agenda.plan(Math.max(backAt, time), (then) => {
                for (const state of there()) {
                    run(state, then);
                }
            });
            presences.set(machineId, { backAt, drop });
            for (const state of there()) {
                course.planTimeOut(state);
            }
            agenda.runUntil(time);
        },
        isOnline(machineId) {
            const presence = presences.get(machineId);
            return presence && presence.backAt <= now();
        },
    };
}

function compareTimes(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0;
}
