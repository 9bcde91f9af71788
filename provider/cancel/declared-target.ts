import { declarationDigest, taggedComment } from "../model/declaration.ts";
import { recordOf } from "../model/outputs.ts";
import type { DeclaredCancellation } from "../schema/declared-cancellation.ts";
import { nothingStored, type StoredCancellation } from "../schema/stored-cancellation.ts";
import type { CancellationTarget } from "./cancellation-target.ts";

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
