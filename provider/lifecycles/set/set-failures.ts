import type { CancellationResult } from "../../cancel/cancel-context.ts";
import { type DefenderError, errorLine } from "../../model/errors.ts";
import { resultsIn, standsForExpected } from "../../schema/stored-set.ts";
import { maxFailureBytes, sizeOf } from "../lifecycle.ts";

/** The maximum number of failures to name. Readers do not read more, and it limits the size of the message. */
const maxNamed = 20;

export type FailedResult = CancellationResult & { readonly failure: DefenderError };

const failedSummary = "cancellations failed; every record is saved";

/** Why a set failed: how many entries failed, the first failures in full, and the number of the rest for each code. */
export function reasonsOf(failed: readonly FailedResult[], total: number, what: string = failedSummary): string[] {
    const named = failed.slice(0, maxNamed).map(({ failure }) => errorLine(failure));
    const rest = Map.groupBy(failed.slice(maxNamed), ({ failure }) => failure.code);
    const counted = [...rest].map(([code, some]) => `and ${some.length} more with ${code}`);
    return [`${failed.length} of ${total} ${what}`, ...named, ...counted];
}

/** The descriptive fields, in the order in which they are removed. */
const descriptive = [
    "commandSummary",
    "title",
    "requestorComment",
    "computerDnsName",
    "requestor",
    "postCorrelationId",
] as const;

/**
 * Removes descriptive fields until the properties fit into a message to the engine. `beside`: the other values in that
 * message.
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
