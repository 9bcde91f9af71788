import type { Observation } from "../api/defender-client.ts";
import { maxIdsPerList } from "../api/id-lists.ts";
import { maxReadingAgeMs } from "./freshness.ts";

/** The earliest time of a call that has `ahead` other calls before it, milliseconds since the epoch. */
export type NextSlot = (ahead: number) => number;

/**
 * If a reading costs at most `cheapReading` calls for each action, a batch reads `spare` extra actions, which costs
 * almost nothing. They take the turns of actions that turn out to have ended and need no request.
 */
const cheapReading = 0.1;
const spare = 10;

/**
 * How many of the waiting actions to read: no more than can be sent, within the quota and after `taken` other calls,
 * before the reading is too old. A list shows 150 actions in one call. Where the API accepts no list, each action costs
 * a call of its own, and after too many of them all readings would be old. `candidates`: the last readings of those
 * whose turns come next, at most as many as a list shows.
 */
export function batchSize(candidates: readonly Observation[], nextSlot: NextSlot, taken: number): number {
    const callsPerAction = new Set(candidates.map(({ call }) => call)).size / candidates.length;
    const slot = nextSlot(taken);
    let [calls, tooMany] = [1, 2 * maxIdsPerList + 1];
    while (tooMany - calls > 1) {
        const middle = Math.floor((calls + tooMany) / 2);
        [calls, tooMany] = nextSlot(taken + middle - 1) - slot <= maxReadingAgeMs ? [middle, tooMany] : [calls, middle];
    }
    return callsPerAction <= cheapReading ? calls + spare : Math.max(1, Math.floor(calls / (1 + callsPerAction)));
}

/**
 * When a reading and its request can both be sent, with `taken` other calls before them. Undefined where the quota does
 * not allow two calls within the maximum age of a reading.
 */
export function nextPair(nextSlot: NextSlot, taken: number): number | undefined {
    const slots = [0, 1, 2].map((more) => nextSlot(taken + more));
    return slots.find((slot, index) => (slots[index + 1] ?? Number.POSITIVE_INFINITY) - slot <= maxReadingAgeMs);
}
