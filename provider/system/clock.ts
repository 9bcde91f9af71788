/** An injected clock: the machine's clock in production, and a recorded clock in tests that assert the schedule. */
export interface Clock {
    /** Milliseconds since the epoch. */
    now(): number;
    /** Waits `milliseconds`; ends early, without an error, when the signal is aborted. */
    sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/**
 * The longest delay that Node's timers take; a timer with a longer delay fires at once
 * (https://nodejs.org/api/timers.html).
 */
const maxDelay = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
    now: () => Date.now(),
    // This does not use `node:timers/promises`, because there each sleep that ends early would create an error with a
    // stack.
    sleep: (milliseconds, signal) =>
        new Promise((resolve) => {
            if (signal?.aborted) {
                return resolve();
            }
            const end = () => {
                clearTimeout(timer);
                signal?.removeEventListener("abort", end);
                resolve();
            };
            const timer = setTimeout(end, Math.min(Math.max(milliseconds, 0), maxDelay));
            signal?.addEventListener("abort", end);
        }),
};

/** A length of time for a message: "41 s", or "3 min" if it is over two minutes. */
export function duration(milliseconds: number): string {
    // Up to a tenth of a second is rounded down, so that it does not add a whole second.
    const seconds = Math.max(Math.ceil(milliseconds / 1000 - 0.1), milliseconds > 0 ? 1 : 0);
    return seconds <= 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

/**
 * A time for people, to the second: "2026-11-29 13:46:01Z". Empty if there is no time. Text that is not a time stays
 * unchanged. Nothing depends on the time zone of this machine.
 */
export function readableTime(moment: number | string | undefined): string {
    const milliseconds = typeof moment === "string" ? momentOf(moment) : (moment ?? Number.NaN);
    return Number.isNaN(milliseconds)
        ? `${moment ?? ""}`
        : utc(milliseconds)
              .replace("T", " ")
              .replace(/\.\d+Z$/, "Z");
}

/** A time as Defender writes it: RFC 3339 in UTC. */
export function utc(milliseconds: number): string {
    return new Date(milliseconds).toISOString();
}

/** Times outside these years are placeholders, such as .NET's 0001-01-01, or mistakes. */
const [minTime, maxTime] = [Date.UTC(2000, 0), Date.UTC(2100, 0)];

/** A time of the API: ISO 8601. A time without a zone is in UTC, as the names of the API's properties say. */
const apiTime =
    /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,12}))?(?:([Zz]|[+-]00:?00)|([+-]\d{2}:?\d{2}))?)?$/;

/**
 * A time of the API in UTC, with all its digits. Undefined if the text is not a time, or is outside the years 2000 to
 * 2099. If such a time were kept, it would change a question that many actions share.
 */
export function parseApiTime(text: string): string | undefined {
    const [matched, day, minutes, fraction, , offset] = apiTime.exec(text.trim()) ?? [];
    if (matched === undefined || day === undefined) {
        return undefined;
    }
    const time =
        minutes === undefined
            ? day
            : `${day}T${minutes.length === 5 ? `${minutes}:00` : minutes}${fraction ? `.${fraction}` : ""}${offset ?? "Z"}`;
    const milliseconds = Date.parse(time);
    if (!(milliseconds >= minTime && milliseconds < maxTime)) {
        return undefined;
    }
    return offset === undefined ? time : utc(milliseconds);
}

/** A time of an answer or of the state, in milliseconds since the epoch. NaN where {@link parseApiTime} finds none. */
export function momentOf(time: string | undefined): number {
    const parsed = time === undefined ? undefined : parseApiTime(time);
    return parsed === undefined ? Number.NaN : Date.parse(parsed);
}

/**
 * Compares two times, for sorting from the earliest. They are not compared as texts, because `:01.5Z` would come before
 * `:01Z`. A missing time comes first. Times within the same millisecond are compared by their further digits.
 */
export function compareTimes(one: string | undefined, other: string | undefined): number {
    const [first, second] = [momentOf(one), momentOf(other)].map((at) => (Number.isNaN(at) ? -Infinity : at));
    if (first !== second) {
        return (first ?? 0) < (second ?? 0) ? -1 : 1;
    }
    const [a = "", b = ""] = [one, other].map((time) => /\.\d{3}(\d*)/.exec(time ?? "")?.[1]?.replace(/0+$/, ""));
    return a === b ? 0 : a < b ? -1 : 1;
}

const rfc3339 = /^(\d{4}-\d{2}-\d{2})[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** Whether the text is a time with its time zone (https://www.rfc-editor.org/rfc/rfc3339). */
export function isRfc3339(text: string): boolean {
    const [, day] = rfc3339.exec(text) ?? [];
    // `Date.parse` takes 31 February for 3 March.
    return day !== undefined && !Number.isNaN(Date.parse(text)) && utc(Date.parse(`${day}T00:00:00Z`)).startsWith(day);
}
