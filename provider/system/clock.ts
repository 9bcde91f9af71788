/** An injected clock: the machine's in production, and a recorded one in tests that assert the schedule. */
export interface Clock {
    /** Milliseconds since the epoch. */
    now(): number;
    /** Waits `milliseconds`; ends early, without an error, when the signal is aborted. */
    sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The longest delay that Node's timers take; a longer one fires at once (https://nodejs.org/api/timers.html). */
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
 * A time for people, to the second: "2026-11-29 13:46:01Z". Empty if there is none. Text that is not a time stays
 * unchanged.
 */
export function readableTime(moment: number | string | undefined): string {
    const milliseconds = typeof moment === "string" ? Date.parse(moment) : (moment ?? Number.NaN);
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

const rfc3339 = /^(\d{4}-\d{2}-\d{2})[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** Whether the text is a time with its time zone (https://www.rfc-editor.org/rfc/rfc3339). */
export function isRfc3339(text: string): boolean {
    const [, day] = rfc3339.exec(text) ?? [];
    // `Date.parse` takes 31 February for 3 March.
    return day !== undefined && !Number.isNaN(Date.parse(text)) && utc(Date.parse(`${day}T00:00:00Z`)).startsWith(day);
}
