import type { Clock } from "./clock.ts";

/** Counts failed attempts, so that a repeated request is not sent each time. */
export interface AttemptLimit {
    /** Why no attempt may be made now, in words; undefined if one may be made. */
    refusal(): string | undefined;
    failed(because: string): void;
}

const minuteMs = 60_000;

/** Allows at most `maxFailed` failed attempts a minute. */
export function createAttemptLimit(maxFailed: number, clock: Pick<Clock, "now">): AttemptLimit {
    let failures: { readonly at: number; readonly because: string }[] = [];
    return {
        refusal() {
            const now = clock.now();
            failures = failures.filter(({ at }) => Math.abs(now - at) < minuteMs);
            return failures.length < maxFailed
                ? undefined
                : `${failures.at(-1)?.because} (failed ${failures.length} times within a minute; ` +
                      "the next attempt is allowed after that minute)";
        },
        failed(because) {
            failures.push({ at: clock.now(), because });
        },
    };
}
