import { setImmediate as immediate } from "node:timers/promises";
import type { Leases } from "./quota-leases.ts";

/**
 * Requests that are answered together share one update of the usage with the requests that are sent next. Before an
 * update, the quota waits for the answers that are under way. The wait is the mean time until an answer, kept within
 * these bounds. So all requests that are in flight together need one locked write, and not one write each.
 */
const minGatherMs = 10;
const maxGatherMs = 50;

/** The wait for answers that are about to arrive. */
export interface Gathering {
    /** Resolves when the next update can begin. */
    wait(): Promise<void>;
    /** Ends the wait at once. */
    end(): void;
    /** How long a wait takes if no news ends it, in milliseconds. */
    longestMs(): number;
}

/** `sleep`: waits for so many milliseconds, or until the signal. */
export function createGathering(
    leases: Pick<Leases, "inFlight" | "isUrgent" | "meanLatencyMs">,
    sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>,
    stop: AbortSignal,
): Gathering {
    let current: AbortController | undefined;

    function longestMs(): number {
        return Math.min(Math.max(leases.meanLatencyMs, minGatherMs), maxGatherMs);
    }

    return {
        async wait() {
            // Requests that are made together, or right after an answer, share one update.
            await immediate();
            if (leases.inFlight > 0 && !leases.isUrgent && !stop.aborted) {
                current = new AbortController();
                await sleep(longestMs(), current.signal);
                current = undefined;
                // Lets requests that follow from the last answer join the update.
                await immediate();
            }
        },
        end: () => current?.abort(true),
        longestMs,
    };
}
