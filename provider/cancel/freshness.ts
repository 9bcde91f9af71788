import type { Observation } from "../api/defender-client.ts";
import { DefenderError } from "../model/errors.ts";
import { type Clock, duration } from "../system/clock.ts";

/** The maximum age of a reading when its cancel request is sent, in milliseconds. */
export const maxReadingAgeMs = 15_000;

/**
 * How long after a cancel request a proof may begin, in milliseconds. Up to then the proof, together with a fresh
 * reading of Pending before the request, shows that the action did not start.
 */
export const maxProofDelayMs = 60_000;

/**
 * Whether a reading is at most 15 s old at this time. A reading from the future, after the clock was set back, is not.
 */
export function isFreshAt({ receivedAt }: Pick<Observation, "receivedAt">, at: number): boolean {
    const age = at - receivedAt;
    return age >= 0 && age <= maxReadingAgeMs;
}

/**
 * Whether a reading is fresh enough to send a request. `call`: the request's number among the calls of this process;
 * `nextSlot`: when the quota allows the following call. Where the quota does not allow two calls within 15 s, a reading
 * cannot be that fresh. Then the reading must be the call right before the request.
 */
export function mayGoOut(
    reading: Pick<Observation, "receivedAt" | "call">,
    { at, call, nextSlot }: { readonly at: number; readonly call: number; readonly nextSlot: () => number },
): boolean {
    const isNextCall = call === reading.call + 1 && at >= reading.receivedAt;
    return isFreshAt(reading, at) || (isNextCall && nextSlot() - at > maxReadingAgeMs);
}

/*
 * A request must follow its reading within 15 s, or be the next call, and the guard's own readings come in between. A
 * quota of very few calls an hour never allows this, so each reading would only lead to another one.
 */

/** How many readings in a row may be too old for a request before the queue gives up. */
const maxStaleReadings = 2;

/** The queue also waits this long, because a long pause or other clients may outdate two readings. In milliseconds. */
const minStaleMs = 2 * 3_600_000;

/** Counts readings in a row that became too old while their request waited for the quota. */
export interface StaleReadings {
    /** An action that still waits was read. */
    read(): void;
    /** A request was sent, or an action left the queue for another reason. */
    progress(): void;
    /** Why further readings will not help; undefined where they may. */
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
                `No cancel request could be sent for ${duration(staleMs)}: the last ${count} readings were too old when the ` +
                    "quota allowed the request. A request needs a reading and the guard's own readings right before it. " +
                    "Raise requestsPerHour (DEFENDER_REQUESTS_PER_HOUR) and requestsPerMinute to four calls or more",
            );
        },
    };
}
