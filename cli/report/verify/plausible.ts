import { isRfc3339 } from "../../../provider/system/clock.ts";

/** Clocks of runners and of the API differ; more than this between two accounts of one moment is no clock. */
const farMs = 5 * 60_000;

/** Whether a value is a time in UTC as this package writes it. */
export function timeRule(value: string | undefined): boolean {
    return value !== undefined && isRfc3339(value) && value.endsWith("Z");
}

/** Whether a value is a Date header, with the weekday of its day. */
export function httpDateRule(value: string | undefined): boolean {
    const time = Date.parse(value ?? "");
    return !Number.isNaN(time) && new Date(time).toUTCString() === value;
}

/** Holds for times near another one; where that one is not known, for all. */
export function nearRule(what: string, other: string | undefined) {
    const at = Date.parse(other ?? "");
    return {
        holds: (value: string | undefined): boolean =>
            Number.isNaN(at) || Math.abs(Date.parse(value ?? "") - at) <= farMs,
        why: `within 5 minutes of ${what}`,
    };
}
