import { isFreshAt } from "../../provider/cancel/freshness.ts";
import { hasTagOfStack } from "../../provider/model/declaration.ts";
import { isRequestOf, type RequestRecord } from "./apply-requests.ts";
import { isNear, shiftMs } from "./moments.ts";
import type { CancellationEntry } from "./records.ts";

/**
 * One entry for an action that an interrupted `apply` requested, and that a later run found cancelled: the request of the
 * first record, and the proof of the second. Neither record has both.
 */
export interface JoinedEntry {
    readonly entry: CancellationEntry;
    /** The entry with the request, one of the given ones. */
    readonly request: CancellationEntry;
}

/**
 * Joins an entry that adopted a cancellation of an earlier run with the entry of that run, if the records prove that it
 * is the same cancellation. Undefined if they do not. `others`: the other entries of the action.
 *
 * - The API accepted the request, and its answer shows a cancellation at the time at which the adopted one was taken.
 * - Both belong to the same project and stack, by the tag that was sent, and by the identity and tag that were adopted.
 *
 * The outcome is then `cancelled`. A request without an answer proves nothing of this.
 */
export function joinEntries(adopted: CancellationEntry, others: readonly CancellationEntry[]): JoinedEntry | undefined {
    const { status, outcome, adoptedFrom, cancellationDateTimeUtc } = adopted;
    if (status !== "Cancelled" || outcome !== "adopted" || adoptedFrom !== "ourselves") {
        return undefined;
    }
    for (const request of others) {
        const sent = acceptedIn(request);
        const isSame = isNear(sent?.cancellationDateTimeUtc, cancellationDateTimeUtc, shiftMs);
        if (sent && isSame && hasTagOfStack(request.evidence.commentSent, adopted.declaredBy)) {
            return { request, entry: joined(request, adopted, isSeenPrevented(request, sent, adopted)) };
        }
    }
    return undefined;
}

/** The entry of both: what was declared and requested by the first, and the action and its proof by the second. */
function joined(request: CancellationEntry, adopted: CancellationEntry, isPrevented: boolean): CancellationEntry {
    const { declaredBy, resource, source, comment, statusBeforeCancel, requestedAtUtc, evidence } = request;
    const ended = { outcome: "cancelled", effect: isPrevented ? "prevented" : adopted.effect, adoptedFrom: undefined };
    return {
        ...adopted,
        ...{ declaredBy, resource, comment, statusBeforeCancel, requestedAtUtc, evidence },
        ...(source === undefined ? {} : { source }),
        ...ended,
        result: { ...adopted.result, ...ended },
    };
}

/** The request of an `apply` that the API accepted, if it is the last one for the action, and the record has no proof. */
function acceptedIn(entry: CancellationEntry): RequestRecord | undefined {
    const { outcome, confirmedAtUtc, requestedAtUtc, evidence } = entry;
    const last = requestsFor(entry).at(-1);
    return outcome === "unproven" &&
        confirmedAtUtc === undefined &&
        evidence.postStatus !== 0 &&
        last?.result === "accepted" &&
        isRequestOf(last, requestedAtUtc)
        ? last
        : undefined;
}

function requestsFor({ machineActionId, resource }: CancellationEntry): readonly RequestRecord[] {
    return resource.requests?.get(machineActionId) ?? [];
}

/**
 * Whether the cancellation came before the action started, by the rule of the core: each request was sent on a reading of
 * Pending that was at most 15 s old, the answer shows Cancelled, and so does the proof. No record may show a start in
 * between: neither the last reading of the first run, nor the commands in the proof.
 */
function isSeenPrevented(
    request: CancellationEntry,
    { atUtc, observedAtUtc, statusAfter }: RequestRecord,
    adopted: CancellationEntry,
): boolean {
    return (
        statusAfter === "Cancelled" &&
        isFreshAt({ receivedAt: Date.parse(observedAtUtc) }, Date.parse(atUtc)) &&
        requestsFor(request).every(({ statusBefore }) => statusBefore === "Pending") &&
        request.statusBeforeCancel === "Pending" &&
        request.status === "Pending" &&
        adopted.effect === "unknown" &&
        adopted.commandSummary === undefined
    );
}
