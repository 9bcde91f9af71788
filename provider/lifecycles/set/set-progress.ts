import type { CancelWatch } from "../../cancel/cancel.ts";
import type { CancelContext } from "../../cancel/cancel-context.ts";
import type { DefenderErrorCode } from "../../model/errors.ts";
import { duration } from "../../system/clock.ts";
import type { Log } from "../../text/print.ts";

/** The minimum time before the first line and between lines, in milliseconds. */
const everyMs = 5_000;

/**
 * Logs the progress of a long set: how many entries have succeeded, the time left at the quota's pace, and how many have
 * failed. The numbers come first, because Pulumi shows only the beginning of the line: 16 characters on a terminal of
 * 120 columns.
 */
export function createProgress(
    total: number,
    { clock, paceMs }: Pick<CancelContext, "clock" | "paceMs">,
    log: Log,
): CancelWatch {
    const started = clock.now();
    const failures = new Map<DefenderErrorCode, number>();
    const waiting = new Set<string>();
    let succeeded = 0;
    let failed = 0;
    let loggedAt = started;

    function logProgress(): void {
        const now = clock.now();
        const ended = succeeded + failed;
        if (ended === total || now - loggedAt < everyMs) {
            return;
        }
        loggedAt = now;
        const begun = ended + waiting.size;
        const left = total - begun;
        const codes = [...failures].map(([code, count]) => `${count} ${code}`).join(", ");
        const leftMs = Math.max(((now - started) / begun) * left, paceMs(left));
        log(
            [
                `${succeeded}/${total}${left > 0 ? `, ${duration(leftMs)}` : ""}`,
                ...(failed > 0 ? [`${failed} failed (${codes})`] : []),
                ...(waiting.size > 0 ? [`${waiting.size} requested and not proven yet`] : []),
            ].join("; "),
        );
    }

    return {
        requested(machineActionId) {
            waiting.add(machineActionId);
            logProgress();
        },
        ended({ machineActionId, failure }) {
            waiting.delete(machineActionId);
            if (failure === undefined) {
                succeeded++;
            } else {
                failed++;
                failures.set(failure.code, (failures.get(failure.code) ?? 0) + 1);
            }
            logProgress();
        },
    };
}
