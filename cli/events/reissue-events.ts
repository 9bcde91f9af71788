import { isFinal } from "../../provider/model/machine-action.ts";
import type { Reissue } from "../../provider/model/reissue.ts";
import { isReissueCounts } from "../../provider/schema/stored-state.ts";
import { timeOf } from "../state/moments.ts";
import type { CancellationEntry } from "../state/records.ts";
import { subjectOf } from "./entry-events.ts";
import { type CancellationEvent, clean, cleanEvent } from "./event.ts";
import { type EventState, stateWords } from "./event-words.ts";
import { stableId } from "./stable-id.ts";

/**
 * The events of the re-issues of one entry: one for each that the record lists, and one for those that it only counts.
 * `now`, in milliseconds since the epoch, stands for a time that the record lacks.
 */
export function reissueEvents(entry: CancellationEntry, now: number): CancellationEvent[] {
    const { reissueCounts } = entry.result;
    const unlisted = isReissueCounts(reissueCounts) ? reissueCounts.unlistedOpen : 0;
    return [
        ...entry.reissues.map((reissue) => listedEvent(entry, reissue, now)),
        ...(unlisted > 0 ? [unlistedEvent(entry, unlisted, now)] : []),
    ];
}

function listedEvent(entry: CancellationEntry, reissue: Reissue, now: number): CancellationEvent {
    const { id, requestor, status, creationDateTimeUtc, requestedAtUtc, confirmedAtUtc } = reissue;
    const state = stateOf(entry, reissue);
    const by = clean(requestor) ?? "an unknown requestor";
    const createdAt = timeOf(creationDateTimeUtc);
    return cleanEvent({
        ...common(entry, state),
        id: stableId(["reissue", entry.declaredBy, entry.machineActionId, id, status, requestedAtUtc]),
        message: `${subjectOf(entry)}: ${stateWords[state].details} (${clean(status) ?? "unknown"}), by ${by}`,
        at: createdAt ?? now,
        startedAt: createdAt,
        endedAt: timeOf(requestedAtUtc) ?? createdAt,
        count: 1,
        target: id,
        newStatus: status,
        actor: requestor,
        more: { ...cancelled(entry), requestor, creationDateTimeUtc, status, requestedAtUtc, confirmedAtUtc },
    });
}

function unlistedEvent(entry: CancellationEntry, count: number, now: number): CancellationEvent {
    const state = isIgnored(entry) ? "reissueIgnored" : "reissueOpen";
    return cleanEvent({
        ...common(entry, state),
        id: stableId(["reissues", entry.declaredBy, entry.machineActionId, count]),
        message: `${subjectOf(entry)}: ${stateWords[state].details}: ${count} more than the record lists`,
        at: now,
        count,
        target: entry.machineActionId,
        more: cancelled(entry),
    });
}

/** What has no place of its own in the formats: the cancelled action. */
function cancelled({ declaredBy, machineActionId, type, relatedFile }: CancellationEntry) {
    return { declaredBy, cancelledMachineActionId: machineActionId, type, relatedFile };
}

function common(
    { declaredBy, type, machineId, computerDnsName, relatedFile, evidence }: CancellationEntry,
    state: EventState,
) {
    return {
        kind: "reissue",
        state,
        severity: stateWords[state].severity,
        correlation: declaredBy,
        actionType: type,
        machineId,
        computerDnsName,
        relatedFile,
        tenantId: evidence.tenantId,
        apiHost: evidence.apiHost,
    } as const;
}

function stateOf(entry: CancellationEntry, { status }: Reissue): EventState {
    if (status === "Cancelled" || status === "TimeOut") {
        return "reissueCancelled";
    }
    if (isIgnored(entry)) {
        return "reissueIgnored";
    }
    return isFinal(status) ? "reissueEnded" : "reissueOpen";
}

/** Whether someone has to decide about the re-issue. */
export function isUnresolved(entry: CancellationEntry, reissue: Reissue): boolean {
    const state = stateOf(entry, reissue);
    return state === "reissueOpen" || state === "reissueEnded";
}

/** Whether the declaration says that re-issues are as they should be. */
function isIgnored({ resource }: CancellationEntry): boolean {
    return resource.inputs.onReissue === "ignore";
}
