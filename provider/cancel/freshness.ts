import type { Observation } from "../api/defender-client.ts";
import { maxIdsPerList } from "../api/id-lists.ts";
import { DefenderError } from "../model/errors.ts";
import { type Clock, duration } from "../system/clock.ts";

/** The age that a reading may have when the request that it allows goes out, in milliseconds. */
export const maxReadingAgeMs = 15_000;

/**
 * How long after a cancel request a proof may begin and still show, together with a fresh reading of Pending before it,
 * that the action did not start; milliseconds.
 */
export const maxProofDelayMs = 60_000;

/** Whether a request that goes out at this time has a reading of the allowed age. A clock that was set back has none. */
export function isFreshAt({ receivedAt }: Pick<Observation, "receivedAt">, at: number): boolean {
    const age = at - receivedAt;
    return age >= 0 && age <= maxReadingAgeMs;
}

/**
 * Whether a request may go out on a reading. `call`: the request's number among the calls of this process; `nextSlot`:
 * when the quota lets the following call go. Where the quota does not give two calls within 15 s, a reading cannot be
 * that fresh: then it has to be the call right before the request.
 */
export function mayGoOut(
    reading: Pick<Observation, "receivedAt" | "call">,
    { at, call, nextSlot }: { readonly at: number; readonly call: number; readonly nextSlot: () => number },
): boolean {
    const isNextCall = call === reading.call + 1 && at >= reading.receivedAt;
    return isFreshAt(reading, at) || (isNextCall && nextSlot() - at > maxReadingAgeMs);
}

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

/**
 * A reading and its request have to follow within 15 s, or call on call, and the guard's own readings come in between.
 * A quota of very few calls an hour never allows that, and each reading would only be followed by another one.
 */

/** Readings in a row on which no request could go out before the queue gives up. */
const maxStaleReadings = 2;

/** For so long, too: a long pause, or other clients of the quota, may outdate two readings by chance. In milliseconds. */
const minStaleMs = 2 * 3_600_000;

/** Counts the readings in a row that the quota made too old for a request. */
export interface StaleReadings {
    /** An action that still waits was read. */
    read(): void;
    /** A request went out, or an action left the queue for another reason. */
    progress(): void;
    /** Why no further reading will help; undefined where it may. */
    failure(): DefenderError | undefined;
}

export function createStaleReadings(clock: Pick<Clock, "now">): StaleReadings {
    let count = 0;
    let firstAt = 0;
    return {
        read() {
            firstAt = count === 0 ? clock.now() : firstAt;
            count++;
        },
        progress() {
            count = 0;
        },
        failure() {
            const staleMs = clock.now() - firstAt;
            if (count < maxStaleReadings || staleMs < minStaleMs) {
                return undefined;
            }
            return new DefenderError(
                "ERR_DEFENDER_THROTTLED",
                `No cancel request could go out for ${duration(staleMs)}: the last ${count} readings were too old when the ` +
                    "quota let the request go. A request needs a reading and the guard's own readings right before it. " +
                    "Raise requestsPerHour (DEFENDER_REQUESTS_PER_HOUR) and requestsPerMinute to four calls or more",
            );
        },
    };
}
