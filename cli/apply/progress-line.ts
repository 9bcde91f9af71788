import { failedIn, type SetProgress } from "../../provider/lifecycles/set/set-progress.ts";
import { duration } from "../../provider/system/clock.ts";

/**
 * The maximum length of the line. A terminal that is made narrower breaks a longer line into two, and then the first
 * half stays on the screen.
 */
const maxLength = 59;
const maxBar = 24;
const minBar = 6;

/**
 * The progress in one line for a terminal, number first:
 * "412/990, 6 min left; 2 failed; 64 not proven yet [########------]". Only proven cancellations fill the bar.
 */
export function progressLine(progress: SetProgress, columns: number): string {
    const { total, succeeded, failures, unproven, leftMs } = progress;
    const failed = failedIn(failures);
    const most = Math.max(Math.min(maxLength, columns - 1), 0);
    const parts = [
        ...(!leftMs ? [] : [`, ${duration(leftMs)} left`]),
        ...(failed > 0 ? [`; ${failed} failed`] : []),
        ...(unproven > 0 ? [`; ${unproven} not proven yet`] : []),
    ];
    let line = `${succeeded}/${total}`.slice(0, most);
    for (const part of parts) {
        line += line.length + part.length <= most ? part : "";
    }
    const length = Math.min(most - line.length - " []".length, maxBar);
    if (length < minBar) {
        return line;
    }
    const full = total === 0 ? length : Math.floor((succeeded / total) * length);
    return `${line} [${"#".repeat(full)}${"-".repeat(length - full)}]`;
}
