import { declarationDigest, taggedComment } from "../model/declaration.ts";
import { recordOf } from "../model/outputs.ts";
import { type Expectation, numberOf, type Properties, textOf } from "../schema/input-rules.ts";
import { declarationOf } from "../schema/inputs.ts";
import type { CancellationTarget } from "./cancellation-target.ts";

/**
 * What the checked inputs of a cancellation ask for, on top of what is stored of it. `ofSet`: the digest of the
 * declaration that it is an entry of; without it, it is a declaration of its own.
 */
export function declaredTarget(
    machineActionId: string,
    inputs: Properties,
    outputs: Properties,
    ofSet?: string,
): CancellationTarget {
    const declared = declarationOf(machineActionId, inputs);
    const digest = ofSet ?? declarationDigest([declared]);
    const declaredBy = textOf(inputs.declaredBy);
    return {
        machineActionId,
        comment: taggedComment(textOf(inputs.comment) ?? "", declaredBy, digest),
        declaredBy,
        digest,
        ifAlreadyFinal: inputs.ifAlreadyFinal === "accept" ? "accept" : "fail",
        expect: declared.expect as Expectation | undefined,
        notAfter: declared.notAfter === undefined ? undefined : Date.parse(declared.notAfter),
        confirmWithinMs: 1_000 * (numberOf(inputs.confirmWithinSeconds) ?? 300),
        record: recordOf(outputs),
        earlier: {
            status: textOf(outputs.status),
            type: textOf(outputs.type),
            machineId: textOf(outputs.machineId),
        },
    };
}
