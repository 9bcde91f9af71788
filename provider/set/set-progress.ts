import type { CancellationResult } from "../cancel/cancel.ts";
import type { Clock } from "../clock.ts";

/** Not more often than this, in milliseconds, and not before the first of them is over. */
const everyMs = 5_000;

/** Says how far a long set has come: done, of how many, outcomes so far, and the time that is left at this pace. */
export function createProgress(total: number, clock: Clock, say: (line: string) => void) {
    const started = clock.now();
    const outcomes = new Map<string, number>();
    let done = 0;
    let saidAt = started;
    return (result: CancellationResult): void => {
        done++;
        const outcome = result.failure?.code ?? result.record.outcome ?? "unproven";
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        const now = clock.now();
        if (done < total && now - saidAt >= everyMs) {
            saidAt = now;
            const left = ((now - started) / done) * (total - done);
            const sofar = [...outcomes].map(([name, count]) => `${count} ${name}`).join(", ");
            say(`${done} of ${total} done: ${sofar}; about ${duration(left)} left`);
        }
    };
}

function duration(milliseconds: number): string {
    const seconds = Math.ceil(milliseconds / 1000);
    return seconds <= 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
