import type { Observation } from "../api/defender-client.ts";
import { maxIdsPerList } from "../api/id-lists.ts";
import { maxReadingAgeMs } from "./freshness.ts";

/** The earliest time of a call with so many others before it, milliseconds since the epoch. */
export type NextSlot = (ahead: number) => number;

/** Up to so many calls for each action that is read, some more cost nothing: those that have ended send no request. */
const cheapReading = 0.1;
const spare = 10;

/**
 * How many of the actions that wait to read: as many as the quota lets through while the reading is fresh, after `taken`
 * other calls. A list shows 150 in one call, but where the API takes no list, each action costs a call of its own, and
 * readings of too many would all be old. `waiting`: their last readings, in the order of their turns.
 */
export function batchSize(waiting: readonly Observation[], nextSlot: NextSlot, taken: number): number {
    const candidates = waiting.slice(0, maxIdsPerList);
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
 * When a reading and the request that follows from it can both go, with `taken` other calls before them. Undefined where
 * the quota gives no two calls within the age that a reading may have.
 */
export function nextPair(nextSlot: NextSlot, taken: number): number | undefined {
    const slots = [0, 1, 2].map((more) => nextSlot(taken + more));
    return slots.find((slot, index) => (slots[index + 1] ?? Number.POSITIVE_INFINITY) - slot <= maxReadingAgeMs);
}
