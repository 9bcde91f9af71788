import type { Observation } from "../api/defender-client.ts";
import { declarationDigest, taggedComment } from "../model/declaration.ts";
import { type CancellationRecord, recordOf } from "../model/outputs.ts";
import type { Earlier } from "../observe/observer.ts";
import type { DeclaredCancellation } from "../schema/declared-cancellation.ts";
import type { Expectation, IfAlreadyFinal } from "../schema/input-rules.ts";
import { nothingStored, type StoredCancellation } from "../schema/stored-cancellation.ts";

/** One action to cancel, or to confirm as cancelled. */
export interface CancellationTarget {
    readonly machineActionId: string;
    /** The comment that is sent, including its tag. */
    readonly comment: string;
    /** "project/stack/name": the tag identifies earlier runs of ours by it. */
    readonly declaredBy: string | undefined;
    /** The declaration digest. */
    readonly digest: string;
    readonly ifAlreadyFinal: IfAlreadyFinal;
    readonly expect: Expectation | undefined;
    /** The declared expectation, where `expect` differs from it, as for a re-issue. */
    readonly declaredExpect?: Expectation | undefined;
    /** Nothing is sent after this time; milliseconds since the epoch. */
    readonly notAfter: number | undefined;
    /** How long to wait for the final status after the cancel request, in milliseconds. */
    readonly confirmWithinMs: number;
    /** The record of earlier runs. */
    readonly record: CancellationRecord;
    /** A reading that this run has already made, in place of the initial one. */
    readonly observation?: Observation | undefined;
    /** The action in the reading of an earlier run. */
    readonly earlier: (Earlier & { readonly status?: string | undefined }) | undefined;
}

/**
 * The target of a declared cancellation, with its stored record. `ofSet`: the digest of the set's declaration that
 * contains it; without `ofSet`, it is a declaration of its own.
 */
export function declaredTarget(
    declared: DeclaredCancellation,
    stored: StoredCancellation = nothingStored,
    ofSet?: string,
): CancellationTarget {
    const { machineActionId, comment, declaredBy, ifAlreadyFinal, expect, notAfter, confirmWithinSeconds } = declared;
    const digest = ofSet ?? declarationDigest([declared]);
    const { status, type, machineId } = stored;
    return {
        machineActionId,
        comment: taggedComment(comment, declaredBy, digest),
        declaredBy,
        digest,
        ifAlreadyFinal,
        expect,
        notAfter: notAfter === undefined ? undefined : Date.parse(notAfter),
        confirmWithinMs: 1_000 * confirmWithinSeconds,
        record: recordOf(stored),
        earlier: { status, type, machineId },
    };
}
