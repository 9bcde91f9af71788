import { createHash } from "node:crypto";
import type { CancelReceipt, Sighting } from "../api/defender-client.ts";
import { utc } from "../clock.ts";
import type { MachineAction } from "../machine-action.ts";
import { type CancellationRecord, type Evidence, effectOf, type Outcome } from "../outputs.ts";

/** What the evidence says of the run, whichever action it is about. */
export type RunIdentity = Pick<Evidence, "tenantId" | "appId" | "apiHost" | "packageVersion">;

/** A cancel request as it was sent. */
export interface SentRequest {
    readonly comment: string;
    readonly digest: string;
    /** Milliseconds since the epoch. */
    readonly at: number;
    /** What the action's status was before. */
    readonly statusBefore: string;
    /** Absent when no answer came. */
    readonly receipt: CancelReceipt | undefined;
}

/** The record after a cancel request that the API took, or may have taken. */
export function recordRequest(record: CancellationRecord, sent: SentRequest, by: RunIdentity): CancellationRecord {
    return {
        statusBeforeCancel: sent.statusBefore,
        requestedAtUtc: utc(sent.at),
        confirmedAtUtc: record.confirmedAtUtc,
        evidence: {
            commentSent: sent.comment,
            digest: sent.digest,
            postStatus: sent.receipt?.status,
            postCorrelationId: sent.receipt?.correlationId,
            postDate: sent.receipt?.date,
            posts: (record.evidence?.posts ?? 0) + 1,
            ...by,
        },
    };
}

/**
 * The record once a read has shown the final status.
 *
 * `asked`: a cancel request of this resource was at work. `wasPending`: every read until the end showed Pending.
 */
export function recordProof(
    record: CancellationRecord,
    { action, raw, correlationId, date }: Sighting,
    { asked, wasPending, at }: { asked: boolean; wasPending: boolean; at: number },
): CancellationRecord {
    const proof = {
        proofCorrelationId: correlationId,
        proofDate: date,
        proofSha256: createHash("sha256").update(JSON.stringify(raw)).digest("hex"),
    };
    return {
        outcome: outcomeOf(action, asked),
        // Nobody saw an adopted one just before it was cancelled.
        effect: effectOf(action, asked && wasPending && record.statusBeforeCancel === "Pending"),
        statusBeforeCancel: record.statusBeforeCancel,
        requestedAtUtc: record.requestedAtUtc,
        confirmedAtUtc: utc(at),
        evidence: asked && record.evidence ? { ...record.evidence, ...proof } : record.evidence,
    };
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
