import { isCancelled, isFinal, type MachineActionRow, plainType } from "../actions/machine-action.ts";
import { compareTimes } from "../time/api-time.ts";

/** The earlier actions of one type on one machine. */
interface Earlier {
    /** The first time at which one of them was cancelled. */
    cancelledAt: string | undefined;
}

/**
 * The ids of the actions that do again what a cancelled action did: the same type on the same machine, created later.
 * An action that had ended before the cancellation is none.
 */
export function reissuedActions(newestFirst: readonly MachineActionRow[]): Set<string> {
    const found = new Set<string>();
    const earlier = new Map<string, Earlier>();
    const folded = new Map<string, string>();

    /** The API spells some types in several ways. */
    function foldType(type: string): string {
        const known = folded.get(type) ?? plainType(type);
        folded.set(type, known);
        return known;
    }

    for (const row of newestFirst.toReversed()) {
        if (row.machineId === null) {
            continue;
        }
        const key = `${row.machineId} ${foldType(row.type)}`;
        const before = earlier.get(key) ?? { cancelledAt: undefined };
        earlier.set(key, before);
        const { cancelledAt } = before;
        if (
            cancelledAt !== undefined &&
            !(isFinal(row.status) && compareTimes(row.lastUpdateDateTimeUtc, cancelledAt) < 0)
        ) {
            found.add(row.id);
        }
        const own = isCancelled(row.status) ? row.cancellationDateTimeUtc : null;
        if (own !== null && (cancelledAt === undefined || compareTimes(own, cancelledAt) < 0)) {
            before.cancelledAt = own;
        }
    }
    return found;
}
