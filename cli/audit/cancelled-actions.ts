import { quote } from "../../provider/api/pages.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import { createVerifiedList } from "../../provider/observe/verified-list.ts";
import type { Session } from "../../provider/session/session.ts";
import type { Log } from "../../provider/text/print.ts";
import { timeOf } from "../state/moments.ts";

/**
 * The statuses in which a cancel request may have had an effect. Succeeded is not among them, because then the request
 * came too late and the action did its work. An action that failed or timed out after the request did not do its work.
 */
const statuses = ["Cancelled", "Pending", "InProgress", "Failed", "TimeOut"] as const;

/** The time that an audit covers, in milliseconds since the epoch. */
export interface AuditWindow {
    readonly since: number;
    readonly until: number;
}

/** The cancellations of a tenant, and how far this machine's clock is ahead of the API's, in milliseconds. */
export interface CancelledActions {
    readonly actions: readonly MachineAction[];
    readonly aheadMs: number;
}

/**
 * All actions that Defender still keeps, if they were cancelled, or if their cancellation was requested and they have
 * not succeeded since. No documented filter selects by the time or the requestor of the cancellation. A filter on
 * another property could leave some cancellations out. One list covers all statuses, so that it contains an action
 * whose status changes while the list is read.
 */
export async function cancelledActions({ client }: Session, log: Log): Promise<CancelledActions> {
    const all = new Map<string, MachineAction>();
    const filter = statuses.map((status) => `status eq ${quote(status)}`).join(" or ");
    let aheadMs = Number.POSITIVE_INFINITY;
    for await (const page of createVerifiedList(client, log, "an undeclared cancellation")(filter)) {
        for (const { action, receivedAt, date } of page) {
            const differenceMs = receivedAt - Date.parse(date ?? "");
            // The smallest difference, because the others include the time of an answer on its way. An answer without a time
            // says nothing.
            aheadMs = Number.isNaN(differenceMs) ? aheadMs : Math.min(aheadMs, Math.max(0, differenceMs));
            if (action.status === "Cancelled" || (action.status !== "Succeeded" && isRequested(action))) {
                all.set(action.id, action);
            }
        }
    }
    return { actions: [...all.values()], aheadMs: Number.isFinite(aheadMs) ? aheadMs : 0 };
}

/** Whether the API shows that someone requested the cancellation. */
function isRequested(action: MachineAction): boolean {
    const { cancellationRequestor, cancellationComment, cancellationDateTimeUtc } = action;
    return [cancellationRequestor, cancellationComment, cancellationDateTimeUtc].some((value) => (value ?? "") !== "");
}

/** When an action was cancelled, if the API returns a time. */
export function cancelledAtOf({ cancellationDateTimeUtc, lastUpdateDateTimeUtc }: MachineAction): string | undefined {
    return [cancellationDateTimeUtc, lastUpdateDateTimeUtc].find((time) => timeOf(time) !== undefined);
}

/**
 * Whether the cancellation belongs to the window. A cancellation lasts from its request to the action's last update, so
 * one that was requested before the window and ended within the window belongs to it. A cancellation without a time
 * from the API also belongs to the window, because it may be recent.
 */
export function isInWindow(action: MachineAction, { since, until }: AuditWindow): boolean {
    const times = [action.cancellationDateTimeUtc, action.lastUpdateDateTimeUtc].flatMap((time) => timeOf(time) ?? []);
    return times.length === 0 || (Math.max(...times) >= since && Math.min(...times) <= until);
}
