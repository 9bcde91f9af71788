import type { Observation } from "../api/defender-client.ts";
import { declarationDigest, taggedComment } from "../model/declaration.ts";
import { type CancellationRecord, recordOf } from "../model/outputs.ts";
import type { Earlier } from "../observe/observer.ts";
import type { DeclaredCancellation } from "../schema/declared-cancellation.ts";
import type { Expectation, IfAlreadyFinal } from "../schema/input-rules.ts";
import { nothingStored, type StoredCancellation } from "../schema/stored-cancellation.ts";

/** One action that shall be cancelled, or be confirmed as cancelled. */
export interface CancellationTarget {
    readonly machineActionId: string;
    /** As it is sent, with its tag. */
    readonly comment: string;
    /** "project/stack/name", by which the tag tells our own earlier runs. */
    readonly declaredBy: string | undefined;
    /** The declaration digest. */
    readonly digest: string;
    readonly ifAlreadyFinal: IfAlreadyFinal;
    readonly expect: Expectation | undefined;
    /** What the declaration says to expect, where `expect` is another, as of a re-issue. */
    readonly declaredExpect?: Expectation | undefined;
    /** Nothing is sent after it; milliseconds since the epoch. */
    readonly notAfter: number | undefined;
    /** How long after its own cancel request the final status is awaited, in milliseconds. */
    readonly confirmWithinMs: number;
    /** What earlier runs recorded. */
    readonly record: CancellationRecord;
    /** A reading that this run has made already: it spares the first look. */
    readonly observation?: Observation | undefined;
    /** The action as an earlier run saw it. */
    readonly earlier: (Earlier & { readonly status?: string | undefined }) | undefined;
}

/**
 * What a declaration asks for, on top of what is stored of it. `ofSet`: the digest of the declaration that it is an
 * entry of; without it, it is a declaration of its own.
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
