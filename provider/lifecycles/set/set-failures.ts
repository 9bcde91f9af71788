import type { CancellationResult } from "../../cancel/cancel-context.ts";
import { defaultGoOn } from "../../cancel/cancel-failures.ts";
import { hasArrived } from "../../cancel/cancel-record.ts";
import { GuardRefusal, howToApprove } from "../../guard/guard-errors.ts";
import { type DefenderError, errorLine } from "../../model/errors.ts";
import { listMachines, maxNamed } from "../../model/machine-names.ts";
import { isOutstanding } from "../../model/outputs.ts";
import { resultsIn, standsForExpected } from "../../schema/stored-set.ts";
import { shortText } from "../../text/sanitize.ts";
import { maxFailureBytes, sizeOf } from "../lifecycle.ts";
import { isInterrupted } from "../unreadable.ts";

/** The maximum number of causes to explain in full. */
const maxCauses = 20;

export type FailedResult = CancellationResult & { readonly failure: DefenderError };

/** The words for a set's failures. */
export interface FailureWords {
    /** The number of entries of the set. */
    readonly total: number;
    /** Follows `N of M`. */
    readonly what: string;
    /** The name of a failed entry's machine; undefined if it is not known. */
    readonly nameOf: (failed: FailedResult) => string | undefined;
    /** A command that lists each failed entry; undefined if there is none. */
    readonly listing?: string | undefined;
    /** The command that goes on after an interruption. Default: `pulumi up`. */
    readonly goOn?: string | undefined;
}

/** The command that lists each failed entry of a set in the state. `declaredBy`: "project/stack/name". */
export function listingOf(declaredBy: unknown): string {
    const [, stack = ""] = typeof declaredBy === "string" ? declaredBy.split("/") : [];
    return `defender-cancellation report --stack ${/^[\w.-]+$/.test(stack) ? stack : "NAME"} --all`;
}

/** The summary of several unreadable entries; it follows `N of M`. */
export const notRead = "records not readable, and kept";

/**
 * The summary of failed cancellations; it follows `N of M`. `saved`: the number of completed cancellations.
 * `hasOlder`: whether the state also has proofs of earlier runs, for entries that failed or could not be read now.
 */
export function failedSummary(saved: number, hasOlder: boolean = false): string {
    const none = `none was completed${hasOlder ? " in this run" : ""}`;
    return `cancellations failed; ${saved === 0 ? none : `${saved} completed, and saved`}`;
}

/**
 * Why a set failed: how many entries failed, then one line for each cause, with the number of its actions, the first
 * machines, the code and the next step. The most frequent cause comes first, the interruption of the run last. If the
 * whole set has one cause for which names say nothing, there is one line. Empty if none failed.
 */
export function reasonsOf(all: readonly FailedResult[], words: FailureWords): string[] {
    if (all.length === 0) {
        return [];
    }
    const { total, what, nameOf, listing } = words;
    const summary = `${all.length} of ${total} ${what}`;
    const interrupted = all.filter(isCountedByRecord);
    const failed = all.filter((one) => !isCountedByRecord(one));
    const interruption = interrupted.length === 0 ? [] : [describeInterruption(interrupted, words.goOn)];
    if (failed.length === 0) {
        // Another caller than the engine shows the summary in words of its own.
        return words.goOn === undefined ? [`${summary}: ${interruption}`] : [summary, ...interruption];
    }
    const causes = [...Map.groupBy(failed, ({ failure }) => `${failure.code}: ${failure.reason}`)].sort(
        ([, a], [, b]) => b.length - a.length,
    );
    const [[only = ""] = []] = causes;
    if (
        total > 1 &&
        causes.length === 1 &&
        failed.length === total &&
        failed.every(({ action }) => action === undefined)
    ) {
        return [`${summary}: ${only}${trackingIn(failed)}`];
    }
    const lines = causes.slice(0, maxCauses).map(([cause, some]) => {
        const [first] = some;
        // One failure has room for its own words.
        return some.length === 1 && first
            ? errorLine(first.failure)
            : `${some.length} (${listMachines(some, nameOf, ({ machineActionId }) => machineActionId)}): ${cause}${trackingIn(some)}`;
    });
    const rest = Map.groupBy(
        causes.slice(maxCauses).flatMap(([, some]) => some),
        ({ failure }) => failure.code,
    );
    const counted = [...rest].map(([code, some]) => `and ${some.length} more with ${code}`);
    const isWhole = causes.length <= maxCauses && causes.every(([, some]) => some.length <= maxNamed);
    const lister = isWhole || listing === undefined ? [] : [`\`${listing}\` lists all of them`];
    return [summary, ...lines, ...counted, ...lister, ...approvalsOf(failed), ...interruption];
}

/**
 * Whether the record of an interrupted entry says how far its cancellation got. A proven record does not: the run was
 * interrupted at a re-issue, whose failure says whether it got a cancel request.
 */
function isCountedByRecord({ record, failure }: FailedResult): boolean {
    return isInterrupted(failure) && (isOutstanding(record) || record.confirmedAtUtc === undefined);
}

/** The next run goes on with all interrupted entries, so they are counted and not named. */
function describeInterruption(interrupted: readonly FailedResult[], goOn: string = defaultGoOn): string {
    const sent = interrupted.filter(({ record }) => isOutstanding(record));
    const requested = sent.filter(({ action, record }) => hasArrived(action, record));
    const counts = [
        [requested.length, "requested and not proven yet"],
        [sent.length - requested.length, "without a valid answer to the cancel request"],
        [interrupted.length - sent.length, "not requested"],
    ].flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
    return `ERR_DEFENDER_INTERRUPTED: ${counts.join(", ")}. Run ${goOn} again: it goes on from here`;
}

/** The id of the first exchange of a cause, for a support case. */
function trackingIn(some: readonly FailedResult[]): string {
    const trackingId = some.find(({ failure }) => failure.trackingId)?.failure.trackingId;
    return trackingId ? ` (first tracking id: ${shortText(trackingId, 80)})` : "";
}

/**
 * How to approve the refused actions, for each declaration, unless the line of a single failure has it. The other
 * actions may need pairs that this run has not evaluated, so the value adds to the one that is set.
 */
function approvalsOf(failed: readonly FailedResult[]): string[] {
    const approvals = failed.flatMap(({ failure }) =>
        failure instanceof GuardRefusal && failure.approval ? [failure.approval] : [],
    );
    return approvals.length < 2
        ? []
        : [...Map.groupBy(approvals, ({ digest }) => digest)].map(([digest, some]) => {
              const pairs = some.flatMap((approval) => approval.pairs);
              return `${howToApprove(digest, pairs)} ${onlyRefused}`;
          });
}

const onlyRefused =
    "(this value has only the actions refused above: append it, after a blank, to a value that is set; the preview " +
    "prints the complete value)";

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
