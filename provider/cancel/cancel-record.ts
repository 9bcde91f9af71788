import type { CancelReceipt, Observation } from "../api/defender-client.ts";
import type { GuardStamp } from "../guard/guard.ts";
import { actionSha256 } from "../model/action-hash.ts";
import { hasTagOf } from "../model/declaration.ts";
import type { Evidence } from "../model/evidence.ts";
import type { MachineAction } from "../model/machine-action.ts";
import { type CancellationRecord, effectOf, type Outcome } from "../model/outputs.ts";
import { utc } from "../system/clock.ts";
import { sanitize } from "../text/sanitize.ts";

/** What the evidence says of the run, whichever action it is about. */
export type RunIdentity = Pick<Evidence, "tenantId" | "appId" | "apiHost" | "packageVersion">;

/** What a proof needs to know beside the reading itself. */
export interface ProofContext {
    /** A cancel request of this resource was at work. */
    readonly asked: boolean;
    /** As far as readings can show, the request of this run came before the action started. */
    readonly isSeenPrevented: boolean;
    /** A reading or an answer showed the action at work. */
    readonly hasStarted: boolean;
    /** Milliseconds since the epoch. */
    readonly at: number;
    /** "project/stack/name", as the tag in the comment has it. */
    readonly declaredBy: string | undefined;
    /** Who we are; undefined where that cannot be told. */
    readonly by: Pick<RunIdentity, "appId"> | undefined;
}

/** A cancel request as it was sent. */
export interface SentRequest {
    readonly comment: string;
    readonly digest: string;
    /** Milliseconds since the epoch. */
    readonly at: number;
    /** When the reading that it went out on was received; milliseconds since the epoch. */
    readonly observedAt: number;
    /** What the action's status was before. */
    readonly statusBefore: string;
    /** Absent when no answer came. */
    readonly receipt: CancelReceipt | undefined;
    readonly guard: GuardStamp;
}

/** The record after a cancel request that the API took, or may have taken. */
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
        // An adopted one was not read just before it was cancelled, nor one that went on and was cancelled again.
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

/** The cancellation that the action shows is the one that was sent, as far as its comment tells. */
function isSent({ cancellationComment }: MachineAction, { evidence }: CancellationRecord): boolean {
    // A set keeps it with its run, not with each of its actions.
    const commentSent = evidence?.commentSent;
    return (
        cancellationComment === undefined ||
        commentSent === undefined ||
        sanitize(commentSent).startsWith(cancellationComment)
    );
}

/** The action shows a cancel request that it did not show before, and as far as its comment tells it is the one sent. */
export function showsRequest(action: MachineAction, before: MachineAction, record: CancellationRecord): boolean {
    const { cancellationDateTimeUtc: requested } = action;
    return requested !== undefined && requested !== before.cancellationDateTimeUtc && isSent(action, record);
}

/** By an earlier run of ours: the same identity and the same tag. A tag alone is text that anybody can write. */
function isOurs(action: MachineAction, { by, declaredBy }: ProofContext): boolean {
    return isBy(action, by) && hasTagOf(action.cancellationComment, declaredBy);
}

/** Our request may have been lost on its way, and another party's may have worked: the action then names that party. */
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
