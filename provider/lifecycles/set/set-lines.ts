import type { CancellationResult } from "../../cancel/cancel-context.ts";
import { describeAction, reversalOf } from "../../model/machine-action.ts";
import { namesAmong } from "../../model/machine-names.ts";
import type { ReissueDetection } from "../../reissues/detect.ts";
import { firstOf } from "../../text/first-of.ts";
import type { Log } from "../../text/print.ts";

/** The maximum number of names in one line. Readers do not read more. */
const maxNamed = 10;

/** Logs the cancellations that are no longer declared. Nothing happens to them in Defender. */
export function logDropped(ids: readonly string[], log: Log): void {
    if (ids.length > 0) {
        log(
            `${ids.length} cancellations are no longer declared: their records are dropped, and nothing is sent ` +
                `(${firstOf(ids, maxNamed).join(", ")})`,
        );
    }
}

/** A cancelled action may still have run. Logs the possible effects, and the actions that would reverse them. */
export function logEffects(results: readonly (CancellationResult & { readonly hasLooked: boolean })[], log: Log): void {
    const doubtful = results.filter(
        ({ failure, hasLooked, record }) => !failure && hasLooked && record.effect !== "prevented",
    );
    for (const [reversal, some] of Map.groupBy(doubtful, ({ action }) => reversalOf(action?.type))) {
        const nameOf = namesAmong(some.map(({ action }) => action ?? {}));
        const named = some.map(({ machineActionId, action }) => {
            const name = nameOf(action ?? {});
            const what = action ? describeAction({ type: action.type, computerDnsName: name }) : "";
            return name === undefined ? [machineActionId, ...(what ? [what] : [])].join(", ") : what;
        });
        log(
            `${some.length} of these actions ran, or may have run in part or whole. If that is not wanted: ${reversal} ` +
                `(${firstOf(named, maxNamed).join("; ")})`,
        );
    }
}

/** Logs one line for all actions whose re-issues could not be read. */
export function logUnseen(looks: readonly ReissueDetection[], log: Log): void {
    const unseen = looks.flatMap(({ unseen }) => unseen ?? []);
    if (unseen.length > 0) {
        log(firstOf(unseen, 1).join(", "));
    }
}

/** Logs once how many actions the API no longer retains. Their records stay unchanged. */
export function logForgotten(count: number, total: number, log: Log): void {
    if (count > 0) {
        log(`${count} of ${total} machine actions are no longer known to the API: their records are kept as they are`);
    }
}
