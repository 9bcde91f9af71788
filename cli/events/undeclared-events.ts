import type { Ranked } from "../audit/ranking.ts";
import { timeOf } from "../state/moments.ts";
import { subjectOf } from "./entry-events.ts";
import { type CancellationEvent, clean, cleanEvent } from "./event.ts";
import { type Severity, stateWords } from "./event-words.ts";
import { stableId } from "./stable-id.ts";

/** From which weight on an undeclared cancellation has this severity. The ranking of `audit` has the weights. */
const severityFrom: readonly (readonly [weight: number, Severity])[] = [
    [8, "critical"],
    [4, "high"],
    [1, "medium"],
    [0, "low"],
];

/** Where the audit reads. */
export interface AuditedTenant {
    readonly tenantId?: string | undefined;
    readonly apiHost: string;
    /** Stands for a time that Defender does not show; milliseconds since the epoch. */
    readonly now: number;
}

/**
 * The event of an undeclared cancellation. Its id depends on the action, the canceller, the comment and the status, so
 * audits whose windows overlap give the same event.
 */
export function undeclaredEvent(
    { action, cancelledAt, reasons, weight }: Ranked,
    { tenantId, apiHost, now }: AuditedTenant,
): CancellationEvent {
    const { id, status, cancellationRequestor: by, cancellationComment, lastUpdateDateTimeUtc } = action;
    const state = status === "Cancelled" ? "undeclared" : "undeclaredRequest";
    const at = timeOf(cancelledAt);
    return cleanEvent({
        kind: "undeclared",
        state,
        severity: severityOf(weight),
        id: stableId(["undeclared", id, status, by, cancellationComment]),
        message: `${subjectOf(action)}: ${stateWords[state].details} by ${clean(by) ?? "an unknown canceller"}: ${clean(reasons.join("; "))}`,
        at: at ?? now,
        startedAt: at,
        endedAt: timeOf(lastUpdateDateTimeUtc) ?? at,
        count: 1,
        correlation: id,
        target: id,
        actionType: action.type,
        machineId: action.machineId,
        computerDnsName: action.computerDnsName,
        relatedFile: action.relatedFileInfo?.fileIdentifier,
        newStatus: status,
        actor: by,
        tenantId,
        apiHost,
        more: {
            machineActionId: id,
            type: action.type,
            machineId: action.machineId,
            computerDnsName: action.computerDnsName,
            relatedFile: action.relatedFileInfo?.fileIdentifier,
            status,
            reasons: reasons.join("; "),
            weight,
            cancellationRequestor: by,
            cancellationComment,
            cancellationDateTimeUtc: action.cancellationDateTimeUtc,
            lastUpdateDateTimeUtc,
            requestor: action.requestor,
            requestorComment: action.requestorComment,
            requestSource: action.requestSource,
            scope: action.scope,
            title: action.title,
            externalId: action.externalId,
            creationDateTimeUtc: action.creationDateTimeUtc,
        },
    });
}

function severityOf(weight: number): Severity {
    return severityFrom.find(([from]) => weight >= from)?.[1] ?? "low";
}
