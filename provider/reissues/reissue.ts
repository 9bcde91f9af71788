import { isSameType } from "../model/action-type.ts";
import { isFinal, type KnownAction, type MachineAction } from "../model/machine-action.ts";
import type { Reissue } from "../model/reissue.ts";
import type { DeclaredCancellation } from "../schema/declared-cancellation.ts";
import type { StoredCancellation } from "../schema/stored-cancellation.ts";
import { momentOf } from "../system/clock.ts";
import { shortText } from "../text/sanitize.ts";
import { byCreation } from "./recorded-reissues.ts";

/** A cancelled action whose machine is watched for later actions of the same type. */
export interface Watched {
    readonly id: string;
    readonly type: string;
    readonly machineId: string;
    /** Milliseconds since the epoch, on the API's clock. */
    readonly createdAt: number;
    readonly cancelledAt: number;
    /** The end of the window. An action that was created later is not a re-issue. */
    readonly until: number;
}

/**
 * From the stored outputs of a cancelled action: how to watch for its re-issues, or in words why this is not possible.
 * Undefined if the action was not cancelled, or if its window is over.
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
    // The record does not have the ids of unlisted re-issues, so only the machine's list shows when they are resolved.
    // The watch therefore continues while an unlisted re-issue is unresolved.
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

/** How long the search for re-issues that were created in the window continues after its end, in milliseconds. */
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
 * The re-issues among the actions of a machine. They have the type of the cancelled action, were created after that
 * action and inside the window, and did not end before the cancellation. So an action that was created before the
 * cancellation can also be a re-issue.
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
 * A re-issue in words. They say whether the requestor of the cancelled action issued it again, or another party did, as
 * attack disruption does automatically.
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
