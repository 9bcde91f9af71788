import type { CancellationResult } from "../../cancel/cancel-context.ts";
import { describeAction, type KnownAction, reversalOf } from "../../model/machine-action.ts";
import { listMachines, maxNamed, namesAmong, namesBy } from "../../model/machine-names.ts";
import { describeUnseen } from "../../reissues/detect.ts";
import { counted } from "../../text/counted.ts";
import { firstOf } from "../../text/first-of.ts";
import type { Log } from "../../text/print.ts";
import { describeRecord } from "../unreadable.ts";

/** Logs the cancellations that are no longer declared. Nothing happens to them in Defender. */
export function logDropped(ids: readonly string[], log: Log): void {
    if (ids.length > 0) {
        log(
            `${counted(ids.length, "cancellation is", "cancellations are")} no longer declared: dropped from the state, ` +
                `and nothing is sent (${firstOf(ids, maxNamed).join(", ")})`,
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

/** An action whose re-issues could not be looked for. */
export interface UnseenReissues {
    readonly id: string;
    readonly action: KnownAction;
    /** Why. */
    readonly unseen: string;
}

/** Logs one line for all actions whose re-issues could not be looked for, with their most frequent cause. */
export function logUnseen(all: readonly UnseenReissues[], log: Log): void {
    const causes = [...Map.groupBy(all, ({ unseen }) => unseen)].sort(([, a], [, b]) => b.length - a.length);
    const [[cause, some] = ["", []]] = causes;
    const [first] = some;
    if (!first) {
        return;
    }
    const nameOf = namesBy(some, ({ action }) => action);
    const what =
        some.length === 1
            ? describeRecord(first.id, first.action)
            : `${some.length} machine actions (${listMachines(some, nameOf, ({ id }) => id)})`;
    const others = all.length - some.length;
    log(`${describeUnseen(what, cause)}${others > 0 ? `; nor those of ${others} more, for other causes` : ""}`);
}

/** Logs once how many actions the API no longer retains. Their records stay unchanged. */
export function logForgotten(count: number, total: number, log: Log): void {
    if (count > 0) {
        log(`${count} of ${total} machine actions are no longer known to the API: their records are kept as they are`);
    }
}
