import { createMachineLinks, type MachineLinks } from "../machines/machine-links.ts";
import type { Presence } from "../machines/presence.ts";
import { type Agenda, createAgenda } from "../time/agenda.ts";
import { compareTimes } from "../time/api-time.ts";
import { createStamps } from "../time/stamps.ts";
import { type ActionCourse, createActionCourse } from "./action-course.ts";
import { type ActionSeed, reissueOf, rowOf } from "./action-seed.ts";
import type { ActionState } from "./action-state.ts";
import { isCancelled, isFinal, type MachineActionRow } from "./machine-action.ts";

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
    /** Whether an action of this type has not ended on this machine. */
    isOpen(machineId: string, type: string): boolean;
    findVisible(id: string): MachineActionRow | undefined;
    seed(seed: ActionSeed): MachineActionRow;
    cancel(id: string, requestor: string, comment: string): CancelResult;
    start(id: string): void;
    resume(id: string): void;
    finish(id: string, status: string): void;
    reissue(id: string, requestor?: string): MachineActionRow;
    /** Sets when a machine is online; undefined: nothing happens by itself on it. */
    setPresence(machineId: string, presence: Presence | undefined): void;
    /** Lets a machine go online or offline now; later changes stay as they were set. */
    setOnline(machineId: string, online: boolean): void;
    /** Whether a machine is online; undefined if its presence is not known. */
    isOnline(machineId: string): boolean | undefined;
    /** Runs the steps that are due. */
    catchUp(): void;
}

interface Entry {
    readonly state: ActionState;
    readonly visibleAt: number;
}

/** All actions, newest first. */
interface Ordered {
    readonly entries: readonly Entry[];
    readonly rows: readonly MachineActionRow[];
    /** When the last of them is visible. */
    readonly allVisibleAt: number;
}

/** An empty fleet on a clock (ms since the epoch) that must not go back. */
export function createFleet(now: () => number, agenda: Agenda = createAgenda()): Fleet {
    const entries = new Map<string, Entry>();
    const stamp = createStamps();
    const links: MachineLinks = createMachineLinks(agenda, {
        start: (state, time) => course.start(state, time),
        reconnect: (state, time) => course.reconnect(state, time),
        planTimeOut: (state) => course.planTimeOut(state),
    });
    const course: ActionCourse = createActionCourse(agenda, stamp, {
        isOnline: links.isOnline,
        ended: links.ended,
        reissue: ({ row, seed, machine }, requestor, time) => void add(reissueOf(row, seed, machine, requestor), time),
    });
    let newestFirst: Ordered | undefined;

    function add(seed: ActionSeed, time: number): MachineActionRow {
        const row = rowOf(seed, stamp(time));
        if (entries.has(row.id)) {
            throw new Error(`There is already a machine action ${row.id}.`);
        }
        const state = course.begin(row, seed, time);
        const entry = { state, visibleAt: time + (seed.visibleAfterMs ?? 0) };
        entries.set(row.id, entry);
        newestFirst = newestFirst && withNewest(newestFirst, entry);
        links.add(state, time);
        if (isFinal(row.status)) {
            links.ended(state, time);
        }
        return row;
    }

    function catchUp(): number {
        const time = now();
        agenda.runUntil(time);
        return time;
    }

    /** Sorted and listed once for all reads between two new actions. */
    function ordered(): Ordered {
        if (newestFirst === undefined) {
            const sorted = [...entries.values()]
                .reverse()
                .sort((a, b) => compareTimes(b.state.row.creationDateTimeUtc, a.state.row.creationDateTimeUtc));
            newestFirst = {
                entries: sorted,
                rows: sorted.map(({ state }) => state.row),
                allVisibleAt: sorted.reduce((latest, { visibleAt }) => Math.max(latest, visibleAt), 0),
            };
        }
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
            return ordered().rows;
        },
        visibleRows() {
            const time = catchUp();
            const { entries: all, rows, allVisibleAt } = ordered();
            return allVisibleAt <= time
                ? rows
                : all.filter(({ visibleAt }) => visibleAt <= time).map(({ state }) => state.row);
        },
        find(id) {
            catchUp();
            return entries.get(id.toLowerCase())?.state.row;
        },
        isOpen(machineId, type) {
            catchUp();
            return links.isOpen(machineId, type);
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
            if (state.cancelRequest === undefined) {
                course.requestCancel(state, requestor, comment, time);
                agenda.runUntil(time);
            }
            return { outcome: "accepted", row: state.row };
        },
        start(id) {
            const time = catchUp();
            const state = known(id);
            const { row } = state;
            if (isFinal(row.status)) {
                throw new Error(`Machine action ${id} is ${row.status} already.`);
            }
            course.start(state, time);
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
            const { row, seed, machine } = known(id);
            return add(reissueOf(row, seed, machine, requestor ?? row.requestor), time);
        },
        catchUp,
        setPresence(machineId, presence) {
            const time = catchUp();
            links.setPresence(machineId, presence, time);
            agenda.runUntil(time);
        },
        setOnline(machineId, online) {
            const time = catchUp();
            links.setOnline(machineId, online, time);
            agenda.runUntil(time);
        },
        isOnline(machineId) {
            catchUp();
            return links.isOnline(machineId);
        },
    };
}

/** The list with an action that was just added; undefined if it is not the newest. */
function withNewest({ entries, rows, allVisibleAt }: Ordered, entry: Entry): Ordered | undefined {
    const { row } = entry.state;
    const isNewest = rows[0] === undefined || compareTimes(rows[0].creationDateTimeUtc, row.creationDateTimeUtc) <= 0;
    return isNewest
        ? {
              entries: [entry, ...entries],
              rows: [row, ...rows],
              allVisibleAt: Math.max(allVisibleAt, entry.visibleAt),
          }
        : undefined;
}
