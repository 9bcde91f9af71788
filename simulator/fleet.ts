import { type ActionBehaviour, type ActionSeed, cancelledInPortal, endings, reissueOf, rowOf } from "./action-seed.ts";
import { createAgenda } from "./agenda.ts";
import { errorHResultOf, formatTicks, isCancelled, isFinal, type MachineActionRow } from "./machine-action.ts";
import { createStamps } from "./stamps.ts";

/** What became of a cancel request; `row` is the action right after it. */
export interface CancelResult {
    outcome: "accepted" | "already-final" | "not-found";
    row?: MachineActionRow;
}

/** The machine actions of one tenant and their way through time. Every call first lets the clock catch up. */
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
}

interface Entry {
    readonly row: MachineActionRow;
    readonly visibleAt: number;
    readonly seed: ActionSeed;
    behaviour: ActionBehaviour;
    resumedAfterMs: number | undefined;
    /** A cancel request was accepted and nobody has resumed the action since. */
    cancelRequested: boolean;
    /** Takes the status change that is planned for this action off the agenda. */
    dropNext: () => void;
}

/** An empty fleet on a clock (ms since the epoch) that must not go back. */
export function createFleet(now: () => number): Fleet {
    const entries = new Map<string, Entry>();
    const agenda = createAgenda();
    const stamp = createStamps();
    let newestFirst: readonly Entry[] | undefined;

    function add(seed: ActionSeed, time: number): Entry {
        const row = rowOf(seed, stamp(time));
        if (entries.has(row.id)) {
            throw new Error(`There is a machine action ${row.id} already.`);
        }
        const entry: Entry = {
            row,
            visibleAt: time + (seed.visibleAfterMs ?? 0),
            seed,
            behaviour: seed.behaviour ?? "pending",
            resumedAfterMs: seed.resumedAfterMs,
            cancelRequested: false,
            dropNext: () => {},
        };
        entries.set(row.id, entry);
        newestFirst = undefined;
        if (isCancelled(row.status)) {
            planResumption(entry, time);
        }
        return entry;
    }

    function planResumption(entry: Entry, time: number): void {
        if (entry.resumedAfterMs !== undefined) {
            entry.dropNext = agenda.plan(time + entry.resumedAfterMs, (then) => putBack(entry, then));
            entry.resumedAfterMs = undefined;
        }
    }

    function putBack(entry: Entry, time: number): void {
        entry.cancelRequested = false;
        entry.behaviour = "pending";
        become(entry, "InProgress", time);
    }

    function become(entry: Entry, status: string, time: number): void {
        const { row, seed } = entry;
        entry.dropNext();
        row.status = status;
        row.errorHResult = errorHResultOf(status);
        row.lastUpdateDateTimeUtc = formatTicks(stamp(time));
        if (!isCancelled(status)) {
            return;
        }
        if (row.cancellationDateTimeUtc === null) {
            Object.assign(row, cancelledInPortal(row.lastUpdateDateTimeUtc));
        }
        planResumption(entry, time);
        const { reissuedBy } = seed;
        if (reissuedBy !== undefined) {
            agenda.plan(time + (seed.reissuedAfterMs ?? 0), (then) => add(reissueOf(row, reissuedBy), then));
        }
    }

    function catchUp(): number {
        const time = now();
        agenda.runUntil(time);
        return time;
    }

    function ordered(): readonly Entry[] {
        newestFirst ??= [...entries.values()]
            .reverse()
            .sort((a, b) => b.row.creationDateTimeUtc.localeCompare(a.row.creationDateTimeUtc));
        return newestFirst;
    }

    function known(id: string): Entry {
        const entry = entries.get(id.toLowerCase());
        if (entry === undefined) {
            throw new Error(`There is no machine action ${id}.`);
        }
        return entry;
    }

    function visible(id: string, time: number): Entry | undefined {
        const entry = entries.get(id.toLowerCase());
        return entry !== undefined && entry.visibleAt <= time ? entry : undefined;
    }

    function requestCancel(entry: Entry, requestor: string, comment: string, time: number): void {
        const date = formatTicks(stamp(time));
        Object.assign(entry.row, {
            cancellationRequestor: requestor,
            cancellationComment: comment,
            cancellationDateTimeUtc: date,
            lastUpdateDateTimeUtc: date,
        } satisfies Partial<MachineActionRow>);
        entry.cancelRequested = true;
        const ending = endings[entry.behaviour];
        if (ending !== undefined) {
            const end = time + (ending.settles ? (entry.seed.settleMs ?? 1_000) : 0);
            entry.dropNext = agenda.plan(end, (then) => become(entry, ending.status, then));
        }
    }

    return {
        rows() {
            catchUp();
            return ordered().map(({ row }) => row);
        },
        visibleRows() {
            const time = catchUp();
            return ordered().flatMap(({ row, visibleAt }) => (visibleAt <= time ? [row] : []));
        },
        find(id) {
            catchUp();
            return entries.get(id.toLowerCase())?.row;
        },
        findVisible: (id) => visible(id, catchUp())?.row,
        seed: (seed) => add(seed, catchUp()).row,
        cancel(id, requestor, comment) {
            const time = catchUp();
            const entry = visible(id, time);
            if (entry === undefined) {
                return { outcome: "not-found" };
            }
            if (isFinal(entry.row.status)) {
                return { outcome: "already-final", row: entry.row };
            }
            if (!entry.cancelRequested) {
                requestCancel(entry, requestor, comment, time);
                agenda.runUntil(time);
            }
            return { outcome: "accepted", row: entry.row };
        },
        start(id) {
            const time = catchUp();
            const entry = known(id);
            if (isFinal(entry.row.status)) {
                throw new Error(`Machine action ${id} is ${entry.row.status} already.`);
            }
            entry.behaviour = entry.behaviour === "pending" ? "in-progress-then-cancelled" : entry.behaviour;
            entry.row.status = "InProgress";
            entry.row.lastUpdateDateTimeUtc = formatTicks(stamp(time));
        },
        resume(id) {
            const time = catchUp();
            const entry = known(id);
            if (!isCancelled(entry.row.status)) {
                throw new Error(`Machine action ${id} is ${entry.row.status}, not Cancelled.`);
            }
            putBack(entry, time);
        },
        finish(id, status) {
            const time = catchUp();
            if (!isFinal(status)) {
                throw new Error(`${status} is not a final status.`);
            }
            become(known(id), status, time);
            agenda.runUntil(time);
        },
        reissue(id, requestor) {
            const time = catchUp();
            const { row } = known(id);
            return add(reissueOf(row, requestor ?? row.requestor), time).row;
        },
    };
}
