import { formatTime } from "../actions/machine-action.ts";
import type { Agenda } from "../time/agenda.ts";

/** An automated investigation as the API returns it; property names are the API's own. */
export interface InvestigationRow {
    /** Digits. */
    id: string;
    startTime: string;
    endTime: string | null;
    /** `Running`, then `Benign`. */
    state: string;
    cancelledBy: string | null;
    statusDetails: string | null;
    machineId: string;
    computerDnsName: string | null;
    triggeringAlertId: string | null;
}

/** The automated investigations of one tenant. */
export interface Investigations {
    start(machineId: string, computerDnsName: string | null): InvestigationRow;
    find(id: string): InvestigationRow | undefined;
}

const runsForMs = 10 * 60_000;
const firstId = 63_004;

/** No investigations yet, on a clock (ms since the epoch). Each one ends ten minutes after its start. */
export function createInvestigations(now: () => number, { dueAt }: Pick<Agenda, "dueAt">): Investigations {
    const rows = new Map<string, InvestigationRow & { endsAt: number }>();

    function find(id: string): InvestigationRow | undefined {
        const found = rows.get(id);
        if (found === undefined) {
            return undefined;
        }
        const { endsAt, ...row } = found;
        return endsAt <= now() ? { ...row, state: "Benign", endTime: formatTime(endsAt) } : row;
    }

    return {
        start(machineId, computerDnsName) {
            const time = now();
            const row: InvestigationRow = {
                id: String(firstId + rows.size),
                startTime: formatTime(time),
                endTime: null,
                state: "Running",
                cancelledBy: null,
                statusDetails: null,
                machineId,
                computerDnsName,
                triggeringAlertId: null,
            };
            rows.set(row.id, { ...row, endsAt: dueAt(time, runsForMs) });
            return row;
        },
        find,
    };
}
