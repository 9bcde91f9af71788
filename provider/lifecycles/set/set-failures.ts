import type { CancellationResult } from "../../cancel/cancel-context.ts";
import { type DefenderError, errorLine } from "../../model/errors.ts";
import { resultsIn, standsForExpected } from "../../schema/stored-set.ts";
import { maxFailureBytes, sizeOf } from "../lifecycle.ts";

/** A reader does not read more names, and the message has a bounded size. */
const maxNamed = 20;

export type FailedResult = CancellationResult & { readonly failure: DefenderError };

const failedSummary = "cancellations failed; every record is saved";

/** The reasons of a set that failed: how many, the first of them by name, and the others counted by their code. */
export function reasonsOf(failed: readonly FailedResult[], total: number, what: string = failedSummary): string[] {
    const named = failed.slice(0, maxNamed).map(({ failure }) => errorLine(failure));
    const rest = Map.groupBy(failed.slice(maxNamed), ({ failure }) => failure.code);
    const counted = [...rest].map(([code, some]) => `and ${some.length} more with ${code}`);
    return [`${failed.length} of ${total} ${what}`, ...named, ...counted];
}

/** In the order in which they can be missed. */
const descriptive = ["requestorComment", "computerDnsName", "requestor", "postCorrelationId"] as const;

/**
 * The properties in a size that the engine takes back, without as many descriptive fields as that costs. `beside`: what
 * travels in the same message.
 */
export function trimToMessageLimit(properties: Record<string, unknown>, beside: object = {}): Record<string, unknown> {
    const longest = maxFailureBytes - sizeOf(beside);
    let fitted = properties;
    for (const name of descriptive) {
        if (sizeOf(fitted) <= longest) {
            return fitted;
        }
        const results = [...resultsIn(fitted)].map(([id, result]) => {
            const { [name]: _, ...kept } = result;
            return [id, standsForExpected(result, name) ? result : kept];
        });
        fitted = { ...fitted, results: Object.fromEntries(results) };
    }
    return fitted;
}
