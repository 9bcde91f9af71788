import type { CancelWatch } from "../../cancel/cancel.ts";
import type { CancelContext } from "../../cancel/cancel-context.ts";
import type { DefenderErrorCode } from "../../model/errors.ts";
import type { CancellationRecord } from "../../model/outputs.ts";
import { type Clock, duration } from "../../system/clock.ts";
import type { Log } from "../../text/print.ts";

/** The result of an entry of this run, in short. */
export interface EndedEntry extends Pick<CancellationRecord, "outcome" | "requestedAtUtc"> {
    /** The action's status in the last reading. */
    readonly status: string | undefined;
    /** The code of the failure; undefined if the cancellation is proven. */
    readonly failure: string | undefined;
}

/** How far a set is. Every entry that is not in one of these counts has not been requested yet. */
export interface SetProgress {
    /** The number of entries that this run works on. */
    readonly total: number;
    /** The number of entries that are cancelled and proven, or need no request. */
    readonly succeeded: number;
    /** The number of entries that failed, for each code. */
    readonly failures: ReadonlyMap<DefenderErrorCode, number>;
    /** The number of entries that are requested and not proven yet. */
    readonly unproven: number;
    /** The entries that have their result, by id. */
    readonly ended: ReadonlyMap<string, EndedEntry>;
    /**
     * How long the requests that are not sent yet will take, in milliseconds: the time by the quota's schedule, or by
     * the pace so far if that is slower. Undefined if none is left.
     */
    readonly leftMs: number | undefined;
}

/** Called at the beginning and after each change. `read` returns the progress at the time of its call. */
export type FollowProgress = (read: () => SetProgress) => void;

/** Follows the work on the entries of a set. */
export function createProgress(
    total: number,
    { clock, paceMs, nextSlot }: Pick<CancelContext, "clock" | "paceMs" | "nextSlot">,
    follow: FollowProgress,
): CancelWatch {
    const started = clock.now();
    const failures = new Map<DefenderErrorCode, number>();
    const waiting = new Set<string>();
    const results = new Map<string, EndedEntry>();
    let succeeded = 0;

    function read(): SetProgress {
        const begun = results.size + waiting.size;
        const left = total - begun;
        return {
            total,
            succeeded,
            failures,
            unproven: waiting.size,
            ended: results,
            leftMs: left > 0 ? msFor(left, begun) : undefined,
        };
    }

    function msFor(left: number, begun: number): number {
        const now = clock.now();
        const atPaceSoFar = begun > 0 ? ((now - started) / begun) * left : 0;
        return Math.max(atPaceSoFar, paceMs(left), nextSlot(left - 1) - now);
    }

    /** A line that cannot be shown must not fail a step beside a request that was sent. */
    function show(): void {
        try {
            follow(read);
        } catch {
            // The result of the step has what the line would say.
        }
    }

    show();
    return {
        requested(machineActionId) {
            waiting.add(machineActionId);
            show();
        },
        ended({ machineActionId, action, record, failure }) {
            waiting.delete(machineActionId);
            const { outcome, requestedAtUtc } = record;
            results.set(machineActionId, { status: action?.status, outcome, requestedAtUtc, failure: failure?.code });
            if (failure === undefined) {
                succeeded++;
            } else {
                failures.set(failure.code, (failures.get(failure.code) ?? 0) + 1);
            }
            show();
        },
    };
}

/** The number of failures of all codes. */
export function failedIn(failures: SetProgress["failures"]): number {
    return [...failures.values()].reduce((sum, count) => sum + count, 0);
}

/** The minimum time before the first line and between lines, in milliseconds. */
const everyMs = 5_000;

/**
 * The minimum time before the first line of a run that takes longer than {@link longMs}, in milliseconds. Its first
 * requests go out within seconds, and then nothing happens for most of a minute.
 */
const firstMs = 1_000;
const longMs = 30_000;

/**
 * Logs the progress of a long set: how many entries have succeeded, the time left at the quota's pace, and how many have
 * failed. The numbers come first, because Pulumi shows only the beginning of the line: 16 characters on a terminal of
 * 120 columns.
 */
export function logProgress(clock: Clock, log: Log): FollowProgress {
    const started = clock.now();
    let loggedAt: number | undefined;
    return (read) => {
        const now = clock.now();
        if (now - (loggedAt ?? started) < (loggedAt === undefined ? firstMs : everyMs)) {
            return;
        }
        const { total, succeeded, failures, unproven, leftMs } = read();
        const failed = failedIn(failures);
        const isShort = loggedAt === undefined && now - started < everyMs && (leftMs ?? 0) < longMs;
        if (isShort || succeeded + failed === total) {
            return;
        }
        loggedAt = now;
        const codes = [...failures].map(([code, count]) => `${count} ${code}`).join(", ");
        log(
            [
                `${succeeded}/${total}${leftMs === undefined ? "" : `, ${duration(leftMs)}`}`,
                ...(failed > 0 ? [`${failed} failed (${codes})`] : []),
                ...(unproven > 0 ? [`${unproven} requested and not proven yet`] : []),
            ].join("; "),
        );
    };
}
