import type { CancellationResult } from "../../cancel/cancel-context.ts";
import { describeAction, reversalOf } from "../../model/machine-action.ts";
import type { ReissueDetection } from "../../reissues/detect.ts";
import { firstOf } from "../../text/first-of.ts";
import type { Log } from "../../text/print.ts";

/** A reader does not read more names in one line. */
const maxNamed = 10;

/** What is no longer declared: nothing happens to it in Defender. */
export function logDropped(ids: readonly string[], log: Log): void {
    if (ids.length > 0) {
        log(
            `${ids.length} cancellations are no longer declared: their records are dropped, and nothing is sent ` +
                `(${firstOf(ids, maxNamed).join(", ")})`,
        );
    }
}

/** Cancelled is not "nothing happened": what may have happened is said, with what would reverse it. */
export function logEffects(results: readonly (CancellationResult & { readonly hasLooked: boolean })[], log: Log): void {
    const doubtful = results.filter(
        ({ failure, hasLooked, record }) => !failure && hasLooked && record.effect !== "prevented",
    );
    for (const [reversal, some] of Map.groupBy(doubtful, ({ action }) => reversalOf(action?.type))) {
        const named = some.map(({ machineActionId, action }) =>
            action ? `${machineActionId}, ${describeAction(action)}` : machineActionId,
        );
        log(
            `${some.length} of these actions ran, or may have run in part or whole. If that is not wanted: ${reversal} ` +
                `(${firstOf(named, maxNamed).join("; ")})`,
        );
    }
}

/** One line for all actions whose re-issues could not be read. */
export function logUnseen(looks: readonly ReissueDetection[], log: Log): void {
    const unseen = looks.flatMap(({ unseen }) => unseen ?? []);
    if (unseen.length > 0) {
        log(firstOf(unseen, 1).join(", "));
    }
}

/** What the API has forgotten stays as it is; said once. */
export function logForgotten(count: number, total: number, log: Log): void {
    if (count > 0) {
        log(`${count} of ${total} machine actions are no longer known to the API: their records are kept as they are`);
    }
}
