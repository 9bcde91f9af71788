import type { CancellationTarget } from "./cancel/cancellation-target.ts";
import { type DeclaredCancellation, declarationDigest, taggedComment } from "./declaration.ts";
import type { Expectation } from "./input-rules.ts";
import { recordOf } from "./outputs.ts";

export type Properties = Readonly<Record<string, unknown>>;

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

/** What the digest is made of. */
export function declarationOf(machineActionId: string, inputs: Properties): DeclaredCancellation {
    const { expect } = inputs;
    return {
        machineActionId,
        expect: typeof expect === "object" && expect !== null ? (expect as Expectation) : undefined,
        notAfter: textOf(inputs.notAfter),
        ifAlreadyFinal: textOf(inputs.ifAlreadyFinal),
        onReissue: textOf(inputs.onReissue),
        reissueWindowHours: numberOf(inputs.reissueWindowHours),
    };
}

export function textOf(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
    return typeof value === "number" ? value : undefined;
}
