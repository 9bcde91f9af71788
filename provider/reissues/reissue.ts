import { isSameType } from "../model/action-type.ts";
import { isFinal, type KnownAction, type MachineAction } from "../model/machine-action.ts";
import type { Reissue } from "../model/reissue.ts";
import type { DeclaredCancellation } from "../schema/declared-cancellation.ts";
import type { StoredCancellation } from "../schema/stored-cancellation.ts";
import { momentOf } from "../system/clock.ts";
import { shortText } from "../text/sanitize.ts";
import { byCreation } from "./recorded-reissues.ts";

/** A cancelled action whose machine is watched for the same type of action. */
export interface Watched {
    readonly id: string;
    readonly type: string;
    readonly machineId: string;
    /** Milliseconds since the epoch, on the API's clock. */
    readonly createdAt: number;
    readonly cancelledAt: number;
    /** The end of the window: a later action is not a re-issue. */
    readonly until: number;
}

/**
 * How to watch for re-issues of a cancelled action, by its stored outputs; or why this is not possible, in words.
 * Undefined when there is nothing to watch for, or no longer.
 */
export function watchOf(
    { machineActionId, reissueWindowHours }: Pick<DeclaredCancellation, "machineActionId" | "reissueWindowHours">,
    stored: StoredCancellation,
    now: number,
): Watched | string | undefined {
    const { type, machineId, creationDateTimeUtc, cancellationDateTimeUtc, requestedAtUtc, confirmedAtUtc } = stored;
    const cancelledAt = [cancellationDateTimeUtc, requestedAtUtc, confirmedAtUtc]
        .map(momentOf)
        .find((ms) => !Number.isNaN(ms));
    if (cancelledAt === undefined) {
        return undefined;
    }
    const until = cancelledAt + reissueWindowHours * 3_600_000;
    // Unresolved re-issues that the record does not list have no ids to be read by: only the list shows them.
    const isOver = now > until + maxDelayMs && !((stored.reissueCounts?.unlistedOpen ?? 0) > 0);
    const createdAt = momentOf(creationDateTimeUtc);
    if (isOver) {
        return undefined;
    }
    if (type === undefined || machineId === undefined || Number.isNaN(createdAt)) {
        const lacking = machineId === undefined ? "its machine" : type === undefined ? "its type" : "its age";
        return `the API does not return ${lacking}`;
    }
    return { id: machineActionId.toLowerCase(), type, machineId, createdAt, cancelledAt, until };
}

/** How long after the end of the window a re-issue from inside it may first be seen, in milliseconds. */
const maxDelayMs = 24 * 3_600_000;

/** Whether an action has the same type and machine as an earlier one, and was created later. */
export function isIssuedAgain(
    first: Pick<Watched, "id" | "type" | "machineId" | "createdAt">,
    later: MachineAction,
): boolean {
    return (
        later.id !== first.id &&
        later.machineId?.toLowerCase() === first.machineId.toLowerCase() &&
        isSameType(later.type, first.type) &&
        momentOf(later.creationDateTimeUtc) > first.createdAt
    );
}

/**
 * The re-issues among the actions of a machine. They have the same type, were created later and inside the window, and
 * did not end before the cancellation. So an action that was created before the cancellation can count too.
 */
export function reissuesAmong(watched: Watched, actions: readonly MachineAction[]): Reissue[] {
    return actions
        .filter((action) => {
            const createdAt = momentOf(action.creationDateTimeUtc);
            const endedAt = isFinal(action.status) ? momentOf(action.lastUpdateDateTimeUtc) : Number.POSITIVE_INFINITY;
            return isIssuedAgain(watched, action) && createdAt <= watched.until && !(endedAt < watched.cancelledAt);
        })
        .map(({ id, requestor, creationDateTimeUtc, status }) => ({ id, requestor, creationDateTimeUtc, status }))
        .sort(byCreation);
}

/**
 * A re-issue in words: whether the requestor of the cancelled action resumed it, or another party did the same to
 * the machine, as attack disruption does by itself.
 */
export function describeReissue(reissue: Reissue, cancelled: Pick<KnownAction, "type" | "requestor">): string {
    const { id, requestor, status } = reissue;
    const type = cancelled.type ?? "action";
    if (requestor === undefined) {
        return `${type} issued again by an unknown requestor: ${id} (${status})`;
    }
    const who = shortText(requestor, 80);
    return requestor.toLowerCase() === cancelled.requestor?.toLowerCase()
        ? `${type} resumed by the same requestor ${who}: issued again as ${id} (${status})`
        : `${type} issued again by another party ${who}: ${id} (${status})`;
}
