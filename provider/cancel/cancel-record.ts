import type { CancelReceipt, Observation } from "../api/defender-client.ts";
import type { GuardStamp } from "../guard/guard.ts";
import { actionSha256 } from "../model/action-hash.ts";
import { hasTagOf } from "../model/declaration.ts";
import type { Evidence } from "../model/evidence.ts";
import type { MachineAction } from "../model/machine-action.ts";
import { type CancellationRecord, effectOf, type Outcome } from "../model/outputs.ts";
import { utc } from "../system/clock.ts";
import { sanitize } from "../text/sanitize.ts";

/** The part of the evidence that describes the run and is the same for every action. */
export type RunIdentity = Pick<Evidence, "tenantId" | "appId" | "apiHost" | "packageVersion">;

/** The facts that a proof needs in addition to the reading. */
export interface ProofContext {
    /** A cancel request of this resource took effect, or may have. */
    readonly asked: boolean;
    /** As far as readings can show, the request of this run came before the action started. */
    readonly isSeenPrevented: boolean;
    /** A reading or an answer showed that the action has started. */
    readonly hasStarted: boolean;
    /** Milliseconds since the epoch. */
    readonly at: number;
    /** "project/stack/name", as in the tag of the comment. */
    readonly declaredBy: string | undefined;
    /** Our own identity; undefined where it is not known. */
    readonly by: Pick<RunIdentity, "appId"> | undefined;
}

/** A cancel request that was sent. */
export interface SentRequest {
    readonly comment: string;
    readonly digest: string;
    /** Milliseconds since the epoch. */
    readonly at: number;
    /** When the reading that allowed the request was received; milliseconds since the epoch. */
    readonly observedAt: number;
    /** The action's status before the request. */
    readonly statusBefore: string;
    /** Absent when no answer came. */
    readonly receipt: CancelReceipt | undefined;
    readonly guard: GuardStamp;
}

/** The record after a cancel request that the API accepted, or may have accepted. */
export function recordRequest(record: CancellationRecord, sent: SentRequest, by: RunIdentity): CancellationRecord {
    return {
        statusBeforeCancel: sent.statusBefore,
        requestedAtUtc: utc(sent.at),
        confirmedAtUtc: record.confirmedAtUtc,
        evidence: {
            observedAtUtc: utc(sent.observedAt),
            commentSent: sent.comment,
            digest: sent.digest,
            postStatus: sent.receipt?.status,
            postCorrelationId: sent.receipt?.correlationId,
            postDate: sent.receipt?.date,
            posts: (record.evidence?.posts ?? 0) + 1,
            ...by,
            ...sent.guard,
        },
        request: "outstanding",
    };
}

/** The record once a read has shown the final status. */
export function recordProof(
    record: CancellationRecord,
    { action, raw, correlationId, date }: Observation,
    context: ProofContext,
): CancellationRecord {
    const { asked, isSeenPrevented, hasStarted, at } = context;
    const outcome = outcomeOf(action, asked && !wasSomebodyElses(action, record, context));
    const proof = {
        proofCorrelationId: correlationId,
        proofDate: date,
        proofSha256: actionSha256(raw),
    };
    return {
        outcome,
        ...(outcome === "adopted" ? { adoptedFrom: isOurs(action, context) ? "ourselves" : "others" } : {}),
        // "prevented" needs a reading right before the cancel request. There is none for an adopted cancellation, nor
        // for an action that another request cancelled later.
        effect: effectOf(
            action,
            asked && isSeenPrevented && record.statusBeforeCancel === "Pending" && isSent(action, record),
            hasStarted,
        ),
        statusBeforeCancel: record.statusBeforeCancel,
        requestedAtUtc: record.requestedAtUtc,
        confirmedAtUtc: utc(at),
        evidence: asked && record.evidence ? { ...record.evidence, ...proof } : record.evidence,
        request: asked || record.request !== undefined ? "proven" : undefined,
    };
}

/** Whether the action shows the cancellation that was sent, as far as its comment shows. */
function isSent({ cancellationComment }: MachineAction, { evidence }: CancellationRecord): boolean {
    // A set stores the sent comment once for its run, not with each of its actions.
    const commentSent = evidence?.commentSent;
    return (
        cancellationComment === undefined ||
        commentSent === undefined ||
        sanitize(commentSent).startsWith(cancellationComment)
    );
}

/**
 * Whether the action shows a new cancel request, and its comment fits the request that was sent, or is not returned.
 */
export function showsRequest(action: MachineAction, before: MachineAction, record: CancellationRecord): boolean {
    const { cancellationDateTimeUtc: requested } = action;
    return requested !== undefined && requested !== before.cancellationDateTimeUtc && isSent(action, record);
}

/**
 * Whether an earlier run of ours cancelled it. This needs our identity and our tag, because anyone can write the tag.
 */
function isOurs(action: MachineAction, { by, declaredBy }: ProofContext): boolean {
    return isBy(action, by) && hasTagOf(action.cancellationComment, declaredBy);
}

/**
 * Whether another party cancelled the action: its request may have succeeded after ours was lost. The action names it.
 */
function wasSomebodyElses(action: MachineAction, { evidence }: CancellationRecord, context: ProofContext): boolean {
    const isNamed = action.cancellationRequestor !== undefined && context.by?.appId !== undefined;
    return (
        evidence?.postStatus === undefined &&
        isNamed &&
        !isBy(action, context.by) &&
        !hasTagOf(action.cancellationComment, context.declaredBy)
    );
}

function isBy({ cancellationRequestor }: MachineAction, by: ProofContext["by"]): boolean {
    return by?.appId !== undefined && by.appId.toLowerCase() === cancellationRequestor?.toLowerCase();
}

function outcomeOf({ status }: MachineAction, asked: boolean): Outcome {
    switch (status) {
        case "Cancelled":
            return asked ? "cancelled" : "adopted";
        case "TimeOut":
            return "expired";
        default:
            return "tooLate";
    }
}
