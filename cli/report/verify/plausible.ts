import { isRfc3339 } from "../../../provider/system/clock.ts";

/** The maximum difference between two times of the same moment, because the clocks of runners and of the API differ. */
const farMs = 5 * 60_000;

/** Whether a value is a time in UTC as this package writes it. */
export function timeRule(value: string | undefined): boolean {
    return value !== undefined && isRfc3339(value) && value.endsWith("Z");
}

/** Whether a value is a Date header with the correct weekday. */
export function httpDateRule(value: string | undefined): boolean {
    const time = Date.parse(value ?? "");
    return !Number.isNaN(time) && new Date(time).toUTCString() === value;
}

/** A rule that accepts times near `other`, or all times if `other` is not known. */
export function nearRule(what: string, other: string | undefined) {
    const at = Date.parse(other ?? "");
    return {
        holds: (value: string | undefined): boolean =>
            Number.isNaN(at) || Math.abs(Date.parse(value ?? "") - at) <= farMs,
        why: `within 5 minutes of ${what}`,
    };
}
