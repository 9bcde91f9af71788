import { foldType } from "../../provider/model/action-type.ts";
import { hasTagOf } from "../../provider/model/declaration.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import type { Reissue } from "../../provider/model/reissue.ts";
import { defaults, limits } from "../../provider/schema/limits.ts";
import { readableTime } from "../../provider/system/clock.ts";
import { shortText } from "../../provider/text/sanitize.ts";
import { clockSkewMs, isNear, shiftMs, timeOf } from "../state/moments.ts";
import { type CancellationEntry, isSet } from "../state/records.ts";
import { showSecrets } from "../state/secret-values.ts";
import { cancelledAtOf } from "./cancelled-actions.ts";
import { type Identities, isFrom, isRecorded } from "./identities.ts";
import { contradictionIn } from "./record-contradiction.ts";

/** A record, and the re-issue that its request was for; no re-issue if the request was for the record's own action. */
export interface RecordedRequest {
    readonly entry: CancellationEntry;
    readonly reissue?: Reissue | undefined;
}

/**
 * How long after a request, at least, a cancellation can belong to that request, in milliseconds. A running action ends
 * some time after the request, and it is not documented whether the API then shows the time of the request or of the
 * end.
 */
const minSpanMs = 3_600_000;

/**
 * The reason why a record does not account for a cancellation, as the end of a sentence; undefined if it does. A record
 * covers the cancellation that its own request led to, or that it found, and no other cancellation of the same action.
 */
export function recordDeviation(
    action: MachineAction,
    { entry, reissue }: RecordedRequest,
    identities: Identities,
): string | undefined {
    if (entry.outcome === "secret") {
        return `but its record is secret: ${showSecrets}`;
    }
    const { tenantId } = entry.evidence;
    const isOfTenant = [tenantId, identities.tenantId].includes(undefined) || isSame(tenantId, identities.tenantId);
    if (!isOfTenant) {
        return `but its record is of another tenant, ${tenantId}`;
    }
    const other = otherAction(action, entry, reissue);
    if (other !== undefined) {
        return `but its record is about another action: ${other}`;
    }
    if (reissue !== undefined) {
        return reissueDeviation(action, { entry, reissue }, identities);
    }
    return entry.outcome === "adopted" ? adoptedDeviation(action, entry) : requestDeviation(action, entry, identities);
}

/**
 * The property that shows that the record is about another action. A property that the record or Defender lacks shows
 * nothing.
 */
function otherAction(
    action: MachineAction,
    entry: CancellationEntry,
    reissue: Reissue | undefined,
): string | undefined {
    const { machineActionId: declared } = entry.resource.inputs;
    const created = (reissue ?? entry).creationDateTimeUtc;
    const isKnown = (stored: string | undefined, shown: string | undefined) =>
        stored !== undefined && shown !== undefined;
    switch (true) {
        case !isSet(entry.resource) && typeof declared === "string" && !isSame(declared, entry.machineActionId):
            return `it declares ${shortText(declared as string, 60)}`;
        case isKnown(entry.machineId, action.machineId) && !isSame(entry.machineId, action.machineId):
            return "its machineId differs";
        case isKnown(entry.type, action.type) && foldType(entry.type ?? "") !== foldType(action.type ?? ""):
            return "its type differs";
        case isKnown(created, action.creationDateTimeUtc) && !isNear(created, action.creationDateTimeUtc, shiftMs):
            return "its creationDateTimeUtc differs";
        default:
            return undefined;
    }
}

/** A record that found the action cancelled covers the cancellation that it saw. */
function adoptedDeviation(action: MachineAction, entry: CancellationEntry): string | undefined {
    const again = "found cancelled, and then cancelled again";
    const { cancellationRequestor: by, cancellationDateTimeUtc: at } = action;
    const stored = entry.result.cancellationRequestor;
    const [found, seen] = [timeOf(cancelledAtOf(action)), timeOf(entry.confirmedAtUtc)];
    if (seen === undefined) {
        return "but its record does not say when it found the action cancelled";
    }
    // A set does not keep the requestor.
    const isBy = stored === undefined ? isSet(entry.resource) || by === undefined : isSame(String(stored), by);
    // A set omits the cancellation's time if it equals the time of the set's own request, which is stored in whole
    // seconds.
    const isToldBy = isSet(entry.resource) && entry.cancellationDateTimeUtc === undefined;
    const isThen = isToldBy
        ? timeOf(at) === undefined || isNear(entry.requestedAtUtc, at, shiftMs + 1_000)
        : !isOtherTime(entry.cancellationDateTimeUtc, at);
    return isBy && isThen && !(found !== undefined && found > seen + clockSkewMs) ? undefined : again;
}

/**
 * A record with a request of its own covers only a cancellation with the comment, the identity and the time of that
 * request.
 */
function requestDeviation(action: MachineAction, entry: CancellationEntry, identities: Identities): string | undefined {
    const { evidence, requestedAtUtc, confirmedAtUtc, cancellationDateTimeUtc } = entry;
    const { commentSent } = evidence;
    if (timeOf(requestedAtUtc) === undefined || commentSent === undefined) {
        return `but its record shows no request${entry.failure === undefined ? "" : ` (${entry.failure})`}`;
    }
    const contradiction = contradictionIn(entry);
    if (contradiction !== undefined) {
        return `but its record contradicts itself: ${contradiction}`;
    }
    const { cancellationRequestor: by, cancellationComment: comment } = action;
    if (!isFrom(by, evidence, identities) || !isComment(comment, commentSent)) {
        const isCanceller = isRecorded(by, evidence) && isComment(comment, commentSent);
        return isCanceller
            ? "but the canceller in its record is not known: see --canceller"
            : entry.outcome === "cancelled"
              ? "cancelled for it, and then cancelled again by others"
              : "but cancelled by others";
    }
    const isProven = entry.outcome === "cancelled" && cancellationDateTimeUtc !== undefined;
    if (isProven && isOtherTime(cancellationDateTimeUtc, action.cancellationDateTimeUtc)) {
        return "cancelled for it, and then cancelled again";
    }
    return timeDeviation(action, requestedAtUtc, confirmedAtUtc, spanOf(entry));
}

/**
 * A request that cancels a re-issue has the tag of its declaration. The digest in the tag is not compared, because the
 * declaration may have been edited since the first request.
 */
function reissueDeviation(
    action: MachineAction,
    { entry, reissue }: RecordedRequest & { readonly reissue: Reissue },
    identities: Identities,
): string | undefined {
    const { cancellationRequestor: by, cancellationComment: comment } = action;
    if (!isFrom(by, entry.evidence, identities) || !hasTagOf(comment, entry.declaredBy)) {
        return "as a re-issue, but cancelled by others";
    }
    return timeDeviation(action, reissue.requestedAtUtc, reissue.confirmedAtUtc, spanOf(entry));
}

function timeDeviation(
    action: MachineAction,
    requestedAtUtc: string | undefined,
    confirmedAtUtc: string | undefined,
    spanMs: number,
): string | undefined {
    const [at, requested, confirmed] = [cancelledAtOf(action), requestedAtUtc, confirmedAtUtc].map(timeOf);
    if (at === undefined || requested === undefined) {
        return undefined;
    }
    if (at < requested - clockSkewMs) {
        return `but cancelled before its request of ${readableTime(requested)}`;
    }
    // An older proof does not belong to this request.
    const isProof = confirmed !== undefined && confirmed >= requested - shiftMs;
    const end = Math.min(requested + spanMs, isProof ? confirmed : Number.POSITIVE_INFINITY);
    return at > end + clockSkewMs
        ? `but cancelled again at ${readableTime(at)}, after its request of ${readableTime(requested)}`
        : undefined;
}

/** Whether Defender shows a cancellation time that differs from the stored one. */
function isOtherTime(stored: string | undefined, shown: string | undefined): boolean {
    return timeOf(shown) !== undefined && !isNear(stored, shown, shiftMs);
}

function spanOf({ resource }: CancellationEntry): number {
    const { confirmWithinSeconds = defaults.confirmWithinSeconds } = resource.inputs;
    const seconds = Math.min(Number(confirmWithinSeconds) || 0, limits.confirmWithinSeconds);
    return Math.max(minSpanMs, seconds * 1_000);
}

/** Whether Defender shows the comment that was sent. An absent comment does not count as a difference. */
function isComment(shown: string | undefined, sent: string): boolean {
    return shown === undefined || shown === sent || shown === shortText(sent, Number.POSITIVE_INFINITY);
}

function isSame(one: string | undefined, other: string | undefined): boolean {
    return one?.toLowerCase() === other?.toLowerCase();
}
