import { isRfc3339, utc } from "../provider/system/clock.ts";
import { UsageError, wrongValue } from "./exit-codes.ts";

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time such as `90m`, `24h` or `7d`, in milliseconds. */
function parseSpan(text: string): number {
    const [, count, unit = ""] = /^(\d{1,6}(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
    const span = Number(count) * (units[unit] ?? Number.NaN);
    if (!(span > 0)) {
        throw wrongValue("a length of time such as 90m, 24h or 7d");
    }
    return span;
}

/** A moment in milliseconds, from RFC 3339 or a length of time before now (`direction` -1) or after now (1). */
export function parseMoment(text: string, now: number, direction: -1 | 1): number {
    if (isRfc3339(text)) {
        return Date.parse(text);
    }
    try {
        return now + direction * parseSpan(text);
    } catch {
        throw wrongValue("a time such as 2026-05-04T18:00:00Z, or a length of time such as 90m, 24h or 7d");
    }
}

/** A moment as the options take it, so that it can be copied. */
export function momentValue(at: number): string {
    return utc(at).replace(/\.0+Z$/, "Z");
}

/** One end of a range of time: the option, and its value in milliseconds; undefined if it is not given. */
export type RangeEnd = readonly [option: string, at: number | undefined];

/** Refuses a range of time in which nothing can lie: its empty result would read as an all-clear. */
export function checkRange([fromOption, from]: RangeEnd, [toOption, to]: RangeEnd, now: number, what: string): void {
    if (from !== undefined && from > now) {
        throw new UsageError(`${fromOption} ${momentValue(from)} is in the future: no ${what} can match`);
    }
    if (from !== undefined && to !== undefined && from > to) {
        const range = `${fromOption} ${momentValue(from)} is later than ${toOption} ${momentValue(to)}`;
        throw new UsageError(`${range}: no ${what} can match`);
    }
}

/** Refuses a time after which nothing happens that has passed already. */
export function checkAhead(option: string, at: number | undefined, now: number, what: string): void {
    if (at !== undefined && at <= now) {
        throw new UsageError(`${option} ${momentValue(at)} has passed: ${what}`);
    }
}

/** A length of time as text, such as "41 min". */
export function spanInWords(milliseconds: number): string {
    const minutes = Math.floor(Math.max(0, milliseconds) / 60_000);
    if (Number.isNaN(minutes)) {
        return "";
    }
    const hours = Math.floor(minutes / 60);
    return minutes < 120 ? `${minutes} min` : hours < 72 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
