import type { CancelWatch } from "../../cancel/cancel.ts";
import type { CancelContext } from "../../cancel/cancel-context.ts";
import { duration } from "../../system/clock.ts";
import type { Log } from "../../text/print.ts";

/** The minimum time before the first line and between lines, in milliseconds. */
const everyMs = 5_000;

/**
 * Logs the progress of a long set: how many entries are done, the outcomes so far, and the time left at the quota's
 * pace.
 */
export function createProgress(
    total: number,
    { clock, paceMs }: Pick<CancelContext, "clock" | "paceMs">,
    log: Log,
): CancelWatch {
    const started = clock.now();
    const outcomes = new Map<string, number>();
    const waiting = new Set<string>();
    let done = 0;
    let loggedAt = started;

    function logProgress(): void {
        const now = clock.now();
        if (done === total || now - loggedAt < everyMs) {
            return;
        }
        loggedAt = now;
        const soFar = [...outcomes].map(([name, count]) => `${count} ${name}`).join(", ");
        const begun = done + waiting.size;
        const left = total - begun;
        const leftMs = Math.max(((now - started) / begun) * left, paceMs(left));
        log(
            [
                `${done} of ${total} done${soFar && `: ${soFar}`}`,
                ...(waiting.size > 0 ? [`${waiting.size} requested and not proven yet`] : []),
                ...(left > 0 ? [`about ${duration(leftMs)} left`] : []),
            ].join("; "),
        );
    }

    return {
        requested(machineActionId) {
            waiting.add(machineActionId);
            logProgress();
        },
        ended({ machineActionId, failure, record }) {
            waiting.delete(machineActionId);
            done++;
            const outcome = failure?.code ?? record.outcome ?? "unproven";
            outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
            logProgress();
        },
    };
}
