import { DefenderError } from "../model/errors.ts";
import { type Clock, duration } from "../system/clock.ts";

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
