import { isCancelled, isFinal, type MachineActionRow } from "../actions/machine-action.ts";
import { maxForeign, sanitize } from "../command-line/lines.ts";
import { timeKey } from "../time/api-time.ts";
import type { PageRow, PageTotals, StatusGroup } from "./page-message.ts";
import { reissuedActions } from "./reissued-actions.ts";

/** The parts of the simulator that the page's rows show. */
export interface RowSources {
    /** All machine actions, newest first. */
    readonly rows: () => readonly MachineActionRow[];
    /** Whether a machine is online; undefined if that is not known. */
    readonly isOnline: (machineId: string) => boolean | undefined;
    /** The name of an application with this id; undefined if none is known. */
    readonly nameOf: (id: string) => string | undefined;
}

/** The rows of the page, each with the version in which it last changed. */
export interface PageRows {
    /** Reads the fleet; rows that differ get the version. Returns whether a row differs. */
    refresh(version: number): boolean;
    /** The rows that changed after that version, newest first. */
    since(version: number): PageRow[];
    totals(): PageTotals;
}

/** `status` and the machine are as the fleet has them. */
interface Known extends Pick<MachineActionRow, "status" | "machineId" | "computerDnsName"> {
    readonly row: PageRow;
    readonly version: number;
}

const maxText = 200;

/** Most texts need no cleaning; to find that out is ten times as fast as to clean them. */
const plainText = /^[!"$-~]+(?: [!"$-~]+)*$/;

/** Foreign text for the page, cleaned and cut. */
export function pageText(text: string): string {
    const clean = plainText.test(text) ? text : sanitize(text.slice(0, maxForeign));
    return clean.length > maxText ? `${clean.slice(0, maxText - 1)}…` : clean;
}

export function createPageRows({ rows, isOnline, nameOf }: RowSources): PageRows {
    const known = new Map<string, Known>();
    let order: readonly string[] = [];
    let machines = 0;

    const presenceOf = ({ machineId }: MachineActionRow) => (machineId === null ? undefined : isOnline(machineId));

    /**
     * Every change of an action sets the time of its last update, except that a machine that was hidden is shown. So
     * this comparison needs no other field.
     */
    function isUnchanged(row: MachineActionRow): boolean {
        const before = known.get(row.id);
        return (
            before !== undefined &&
            before.row.since === row.lastUpdateDateTimeUtc &&
            before.status === row.status &&
            before.machineId === row.machineId &&
            before.computerDnsName === row.computerDnsName &&
            before.row.online === presenceOf(row)
        );
    }

    function shown(row: MachineActionRow, reissue: boolean): PageRow {
        const online = presenceOf(row);
        const canceller = row.cancellationRequestor ?? "";
        return {
            id: row.id,
            machine: pageText(row.computerDnsName ?? row.machineId ?? "no machine yet"),
            ...(online === undefined ? {} : { online }),
            type: pageText(row.type),
            status: pageText(row.status),
            group: groupOf(row.status),
            requestor: pageText(row.requestor),
            canceller: pageText(nameOf(canceller) ?? canceller),
            reissue,
            since: row.lastUpdateDateTimeUtc,
            created: timeKey(row.creationDateTimeUtc),
        };
    }

    return {
        refresh(version) {
            const current = rows();
            if (current.length === known.size && current.every(isUnchanged)) {
                return false;
            }
            const reissued = reissuedActions(current);
            for (const row of current) {
                const reissue = reissued.has(row.id);
                if (!isUnchanged(row) || known.get(row.id)?.row.reissue !== reissue) {
                    const { status, machineId, computerDnsName } = row;
                    known.set(row.id, { row: shown(row, reissue), status, machineId, computerDnsName, version });
                }
            }
            order = current.map(({ id }) => id);
            machines = new Set(current.flatMap(({ machineId }) => machineId ?? [])).size;
            return true;
        },
        since: (version) =>
            order.flatMap((id) => {
                const one = known.get(id);
                return one !== undefined && one.version > version ? [one.row] : [];
            }),
        totals: () => ({ ...totalsOf([...known.values()].map(({ row }) => row)), machines }),
    };
}

function totalsOf(rows: readonly PageRow[]): Omit<PageTotals, "machines"> {
    const groups = { pending: 0, "in-progress": 0, cancelled: 0, succeeded: 0, failed: 0, "timed-out": 0, other: 0 };
    for (const { group } of rows) {
        groups[group] += 1;
    }
    const reissued = rows.filter(({ reissue }) => reissue);
    return {
        groups,
        actions: rows.length,
        reissues: reissued.length,
        openReissues: reissued.filter(({ status }) => !isFinal(status)).length,
        late: rows.filter(({ group, canceller }) => group === "succeeded" && canceller !== "").length,
    };
}

const groups: ReadonlyMap<string, StatusGroup> = new Map([
    ["pending", "pending"],
    ["inprogress", "in-progress"],
    ["succeeded", "succeeded"],
    ["failed", "failed"],
    ["timeout", "timed-out"],
]);

function groupOf(status: string): StatusGroup {
    return isCancelled(status) ? "cancelled" : (groups.get(status.toLowerCase()) ?? "other");
}
