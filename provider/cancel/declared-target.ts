import { declarationDigest, taggedComment } from "../model/declaration.ts";
import { recordOf } from "../model/outputs.ts";
import { declaredCancellation } from "../schema/declared-cancellation.ts";
import { type Properties, textOf } from "../schema/input-rules.ts";
import type { CancellationTarget } from "./cancellation-target.ts";

/** What the checked inputs of a cancellation ask for, on top of what is stored of it. */
export function declaredTarget(machineActionId: string, inputs: Properties, outputs: Properties): CancellationTarget {
    const declared = declaredCancellation(machineActionId, inputs);
    const digest = declarationDigest([declared]);
    const { comment, declaredBy, ifAlreadyFinal, expect, notAfter, confirmWithinSeconds } = declared;
    return {
        machineActionId,
        comment: taggedComment(comment, declaredBy, digest),
        declaredBy,
        digest,
        ifAlreadyFinal,
        expect,
        notAfter: notAfter === undefined ? undefined : Date.parse(notAfter),
        confirmWithinMs: 1_000 * confirmWithinSeconds,
        record: recordOf(outputs),
        earlier: {
            status: textOf(outputs.status),
            type: textOf(outputs.type),
            machineId: textOf(outputs.machineId),
        },
    };
}
