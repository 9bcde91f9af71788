import type { MachineAction } from "../../provider/model/machine-action.ts";
import type { CancellationEntry } from "../state/records.ts";

/** A place that declares the cancellation of an action. */
export interface Cover {
    /** The file, or the resource. */
    readonly where: string;
    /** What a state, or the evidence of an apply, says became of it; a file that only declares it says nothing. */
    readonly entry?: CancellationEntry;
}

/** The API's own times were seen to shift by 0.8 s between two reads; a set keeps milliseconds. */
const shiftMs = 1_000;

/**
 * Why a declared cancellation is not the one that Defender shows; undefined when it is. `ours`: the identities that
 * cancel for the declarations, lower case.
 */
export function deviation(
    action: MachineAction,
    covers: readonly Cover[],
    ours: ReadonlySet<string>,
): string | undefined {
    // A record says by whom and when; a file says only that the cancellation was wanted.
    const recorded = covers.filter(({ entry }) => entry !== undefined);
    const reasons = (recorded.length > 0 ? recorded : covers).map((cover) => deviationOf(action, cover, ours));
    return reasons.includes(undefined) ? undefined : reasons[0];
}

function deviationOf(action: MachineAction, { where, entry }: Cover, ours: ReadonlySet<string>): string | undefined {
    const by = action.cancellationRequestor;
    if (entry?.outcome === "cancelled") {
        const { appId, commentSent } = entry.evidence;
        const isSame =
            (appId === undefined || isOneOf(by, new Set([appId.toLowerCase()]))) &&
            (commentSent === undefined || commentSent === action.cancellationComment);
        return isSame ? undefined : `declared in ${where} and cancelled for it, then cancelled again by others`;
    }
    if (entry?.outcome === "adopted") {
        const stored = entry.result.cancellationRequestor;
        const isSame =
            (typeof stored !== "string" || stored === by) &&
            isSameTime(entry.cancellationDateTimeUtc, action.cancellationDateTimeUtc);
        return isSame ? undefined : `declared in ${where} and found cancelled, then cancelled again`;
    }
    return isOneOf(by, ours) ? undefined : `declared in ${where}, but cancelled by others`;
}

/** Whether one of these identities it was. */
export function isOneOf(requestor: string | undefined, identities: ReadonlySet<string>): boolean {
    return requestor !== undefined && identities.has(requestor.toLowerCase());
}

function isSameTime(stored: string | undefined, seen: string | undefined): boolean {
    return stored === undefined || Math.abs(Date.parse(stored) - Date.parse(seen ?? "")) <= shiftMs;
}
