import type { Clock } from "./clock.ts";

/** Counts failed attempts, so that a repeated question is not sent each time. */
export interface AttemptLimit {
    /** Why no attempt may be made now, in words; undefined where one may. */
    refusal(): string | undefined;
    failed(because: string): void;
}

const minuteMs = 60_000;

/** Allows so many failed attempts a minute. */
export function createAttemptLimit(maxFailed: number, clock: Pick<Clock, "now">): AttemptLimit {
    let failures: { readonly at: number; readonly because: string }[] = [];
    return {
        refusal() {
            const now = clock.now();
            failures = failures.filter(({ at }) => Math.abs(now - at) < minuteMs);
            return failures.length < maxFailed
                ? undefined
                : `${failures.at(-1)?.because} (asked ${failures.length} times within a minute, asked again after it)`;
        },
        failed(because) {
            failures.push({ at: clock.now(), because });
        },
    };
}
