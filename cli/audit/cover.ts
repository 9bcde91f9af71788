import { cancelledBy, isOneOf } from "../../provider/model/canceller.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import type { CancellationEntry } from "../state/records.ts";
import { showSecrets } from "../state/secret-values.ts";
import { cancelledAtOf } from "./cancelled-actions.ts";

/** A place that declares the cancellation of an action. */
export interface Cover {
    /** The file, or the resource. */
    readonly where: string;
    /** The record in a state or in the evidence of an apply; undefined for a declaration file. */
    readonly entry?: CancellationEntry;
}

/** The API's own times shifted by up to 0.8 s between two reads in tests; a set keeps milliseconds. */
const shiftMs = 1_000;

/** How far the runner's clock may be ahead of the API's, in milliseconds. */
const clockSkewMs = 5 * 60_000;

/**
 * The reason why Defender shows another cancellation than the declared one; undefined if they agree. `ours`: identities
 * that cancel for the declarations.
 */
export function deviation(
    action: MachineAction,
    covers: readonly Cover[],
    ours: ReadonlySet<string>,
): string | undefined {
    // A record has the canceller and the time, while a file has only the declared id.
    const recorded = covers.filter(({ entry }) => entry !== undefined);
    const reasons = (recorded.length > 0 ? recorded : covers).map((cover) => deviationOf(action, cover, ours));
    return reasons.includes(undefined) ? undefined : reasons[0];
}

function deviationOf(action: MachineAction, { where, entry }: Cover, ours: ReadonlySet<string>): string | undefined {
    const by = action.cancellationRequestor;
    if (entry?.outcome === "secret") {
        return `declared in ${where}, but its record is secret: ${showSecrets}`;
    }
    if (entry?.outcome === "cancelled") {
        const { appId, cancellationRequestor: observed, commentSent } = entry.evidence;
        const isReader = isOneOf(appId, ours);
        const names = { appId, observed: observed === undefined ? [] : [observed] };
        const isSame =
            (appId === undefined || (isReader && isOneOf(by, ours)) || cancelledBy(by, names) !== "another") &&
            (commentSent === undefined || commentSent === action.cancellationComment);
        return isSame ? undefined : `declared in ${where}, cancelled for it, and then cancelled again by others`;
    }
    if (entry && isRequestBehind(action, entry)) {
        return undefined;
    }
    if (entry?.outcome === "adopted") {
        const stored = entry.result.cancellationRequestor;
        const isSame =
            (typeof stored !== "string" || stored === by) &&
            isSameTime(entry.cancellationDateTimeUtc, action.cancellationDateTimeUtc);
        return isSame ? undefined : `declared in ${where}, found cancelled, and then cancelled again`;
    }
    return isOneOf(by, ours) ? undefined : `declared in ${where}, but cancelled by others`;
}

/**
 * Whether a request of ours that is not proven yet cancelled the action: Defender shows our identity and our comment,
 * at the time of the request or later.
 */
function isRequestBehind(action: MachineAction, { outcome, evidence, requestedAtUtc }: CancellationEntry): boolean {
    const { appId, commentSent } = evidence;
    const at = Date.parse(cancelledAtOf(action) ?? "");
    return (
        outcome === "unproven" &&
        requestedAtUtc !== undefined &&
        appId !== undefined &&
        isOneOf(action.cancellationRequestor, new Set([appId.toLowerCase()])) &&
        commentSent === action.cancellationComment &&
        // The clocks of the runner and of the API may differ.
        !(at < Date.parse(requestedAtUtc) - clockSkewMs)
    );
}

function isSameTime(stored: string | undefined, seen: string | undefined): boolean {
    return stored === undefined || Math.abs(Date.parse(stored) - Date.parse(seen ?? "")) <= shiftMs;
}
