import type { CancelReceipt, Observation } from "../api/defender-client.ts";
import type { GuardStamp } from "../guard/guard.ts";
import { actionSha256 } from "../model/action-hash.ts";
import { type CancellerNames, cancelledBy } from "../model/canceller.ts";
import { hasTagOf, hasTagOfStack } from "../model/declaration.ts";
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
    /** The names of our own identity; undefined where they are not known. */
    readonly by: CancellerNames | undefined;
    /** The action in the reading that allowed the request of this run; undefined where this run sent none. */
    readonly before?: MachineAction | undefined;
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
    const outcome = outcomeOf(action, asked && !wasAnothers(action, record, context));
    const canceller = outcome === "cancelled" ? ownCanceller(action, record, context) : undefined;
    const proof = {
        proofCorrelationId: correlationId,
        proofDate: date,
        proofSha256: actionSha256(raw),
        ...(canceller === undefined ? {} : { cancellationRequestor: canceller }),
    };
    return {
        outcome,
        ...(outcome === "adopted" ? { adoptedFrom: isOurs(action, context) ? "ourselves" : "others" } : {}),
        // "prevented" needs a reading right before the cancel request. There is none for an adopted cancellation, nor
        // for an action that another request cancelled later.
        effect: effectOf(
            action,
            asked && isSeenPrevented && record.statusBeforeCancel === "Pending" && isSurelySent(action, record),
            hasStarted,
        ),
        statusBeforeCancel: record.statusBeforeCancel,
        requestedAtUtc: record.requestedAtUtc,
        confirmedAtUtc: utc(at),
        evidence: asked && record.evidence ? { ...record.evidence, ...proof } : record.evidence,
        request: asked || record.request !== undefined ? "proven" : undefined,
    };
}

/** Whether the action's comment fits the cancellation that was sent. A missing comment counts as fitting. */
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
 * Whether the action certainly shows the request that was sent. The beginning of its comment is enough only if the API
 * accepted the request: where the answer was lost, another party may have cancelled with the same ticket as comment.
 */
function isSurelySent(action: MachineAction, record: CancellationRecord): boolean {
    const { commentSent, postStatus } = record.evidence ?? {};
    const { cancellationComment: shown } = action;
    const isWhole = shown === undefined || commentSent === undefined || sanitize(commentSent) === shown;
    return isWhole || (postStatus !== undefined && isSent(action, record));
}

/**
 * Whether the action shows a new cancel request whose comment fits the one that was sent. If no comment is returned,
 * the new request is enough.
 */
export function showsRequest(action: MachineAction, before: MachineAction, record: CancellationRecord): boolean {
    const { cancellationDateTimeUtc: requested } = action;
    return requested !== undefined && requested !== before.cancellationDateTimeUtc && isSent(action, record);
}

/** Whether the API surely has the last cancel request: it answered, or the action shows the request. */
export function hasArrived(action: MachineAction | undefined, record: CancellationRecord): boolean {
    const { evidence } = record;
    // Only a request without a valid answer is recorded without a status.
    const isAnswered = evidence === undefined || evidence.postStatus !== undefined;
    return isAnswered || (action?.cancellationDateTimeUtc !== undefined && isSent(action, record));
}

/**
 * Whether an earlier run of our stack cancelled it. This needs our identity and a tag of the stack, because anyone can
 * write the tag. The name in the tag does not count: a rename, a replacement and a move into a set change it.
 */
function isOurs(action: MachineAction, { by, declaredBy }: ProofContext): boolean {
    const { cancellationRequestor, cancellationComment } = action;
    return (
        by !== undefined &&
        cancelledBy(cancellationRequestor, by) === "us" &&
        hasTagOfStack(cancellationComment, declaredBy)
    );
}

/**
 * Whether another party cancelled the action, although a request of ours is under way. An accepted request is never
 * taken for another party's. If its answer was lost, the shown comment decides, because it is the text that we sent or
 * another one. Without a comment, with only the beginning of ours, and for a record without evidence, only a canceller
 * that is certainly another counts, since the form in which Defender shows us may not be known. Where the action shows
 * neither, it is what we asked for.
 */
function wasAnothers(action: MachineAction, { evidence }: CancellationRecord, context: ProofContext): boolean {
    const { cancellationComment, cancellationRequestor } = action;
    if (evidence?.postStatus !== undefined) {
        return false;
    }
    const { by = {}, declaredBy } = context;
    const isNamed = by.appId !== undefined || by.objectId !== undefined || by.userName !== undefined;
    const isByAnother = isNamed && cancelledBy(cancellationRequestor, by) === "another";
    if (cancellationComment === undefined) {
        return isByAnother;
    }
    const sent = sanitize(evidence?.commentSent ?? "");
    if (sent === cancellationComment || hasTagOf(cancellationComment, declaredBy)) {
        return false;
    }
    return (evidence !== undefined && !sent.startsWith(cancellationComment)) || isByAnother;
}

/**
 * The canceller that the action shows for our own accepted request: it has our comment with our tag, and the reading
 * before the request did not show this cancellation. Undefined where that is not certain.
 */
function ownCanceller(action: MachineAction, record: CancellationRecord, context: ProofContext): string | undefined {
    const { cancellationRequestor, cancellationComment, cancellationDateTimeUtc } = action;
    const { before, by, declaredBy } = context;
    const isNew =
        before === undefined ||
        before.cancellationComment !== cancellationComment ||
        before.cancellationDateTimeUtc !== cancellationDateTimeUtc;
    const isOwn =
        record.evidence?.postStatus !== undefined &&
        isNew &&
        hasTagOf(cancellationComment, declaredBy) &&
        isSent(action, record) &&
        cancelledBy(cancellationRequestor, { ...by, observed: [] }) !== "another";
    return isOwn ? cancellationRequestor : undefined;
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
