import { isFinal, type MachineActionStatus } from "../model/machine-action.ts";

/**
 * The time until which a cancellation waits, in milliseconds since the epoch, and the reason.
 * - `resume`: the request of an earlier run, or of another client, gets time before another one is sent.
 * - `resend`: a request whose answer was lost gets time to appear in a reading before it is sent again.
 * - `confirm`: the cancellation waits for the final status.
 */
export interface Deadline {
    readonly kind: "resume" | "resend" | "confirm";
    readonly at: number;
}

/** The facts that determine the next action of a cancellation. */
export interface Progress {
    /** The status in the last reading. A reading after a cancel request begins after the answer to that request. */
    readonly status: MachineActionStatus;
    /** Whether a cancel request may be sent at all: a refresh sends none. */
    readonly maySend: boolean;
    /** Whether the run must stop. */
    readonly isStopped: boolean;
    /** The number of cancel requests of this run. */
    readonly posts: number;
    /** The API's answer to the last cancel request of this run. */
    readonly lastPost: "none" | "accepted" | "refused" | "unknown";
    /** The answer to the last cancel request showed the action as final. */
    readonly showsFinal: boolean;
    /** Whether a cancel request of this run, of an earlier one or of another client may still take effect. */
    readonly isUnderWay: boolean;
    /** The number of readings since the last cancel request, including failed ones. */
    readonly reads: number;
    /** Whether one of these readings succeeded: before that, the effect of the request is not known. */
    readonly isReadAfterPost: boolean;
    /** The number of failed readings since the last successful one. */
    readonly failedReads: number;
    readonly deadline: Deadline;
}

/** Why a cancellation is left unproven. */
export type GiveUpReason = "stopped" | "refused" | "not confirmed" | "not readable";

export type NextAction =
    | { readonly kind: "conclude" }
    | { readonly kind: "send" }
    /** `notBefore`: milliseconds since the epoch. */
    | { readonly kind: "read"; readonly notBefore: number }
    | { readonly kind: "give up"; readonly because: GiveUpReason };

/**
 * The maximum number of cancel requests of one run for one action. A second one is sent only if the answer was lost.
 */
export const maxPosts = 3;

/** How many readings in a row may fail before a cancel request, which needs a fresh reading. */
export const maxFailedReads = 3;

/** Decides the next action of a cancellation. Pure: the same progress at the same time gives the same action. */
export function decide(progress: Progress, now: number): NextAction {
    const { posts, lastPost, isUnderWay, maySend, deadline } = progress;
    if (isFinal(progress.status)) {
        return { kind: "conclude" };
    }
    if (progress.isStopped) {
        return { kind: "give up", because: "stopped" };
    }
    if (maySend && posts === 0 && !isUnderWay) {
        return sendOnReading(progress, now);
    }
    const pausedUntil = now + Math.min(pauseBefore(progress), Math.max(0, deadline.at - now));
    // Only a reading shows the effect of a request; the API's answer does not.
    if (posts > 0 && progress.reads === 0) {
        return { kind: "read", notBefore: pausedUntil };
    }
    // A refusal can mean that an earlier request is still being processed. If there may be one, wait for its effect.
    if (lastPost === "refused" && !isUnderWay) {
        return { kind: "give up", because: "refused" };
    }
    if (now < deadline.at) {
        return { kind: "read", notBefore: pausedUntil };
    }
    switch (deadline.kind) {
        case "resume":
            return maySend && posts === 0
                ? sendOnReading(progress, now)
                : { kind: "give up", because: "not confirmed" };
        case "resend":
            return maySend && lastPost === "unknown" && progress.isReadAfterPost && posts < maxPosts
                ? sendOnReading(progress, now)
                : { kind: "give up", because: "not confirmed" };
        case "confirm":
            return { kind: "give up", because: "not confirmed" };
    }
}

/** A request needs a successful reading. If the last reading failed, try another one first, after a pause. */
function sendOnReading({ failedReads }: Progress, now: number): NextAction {
    if (failedReads === 0) {
        return { kind: "send" };
    }
    return failedReads < maxFailedReads
        ? { kind: "read", notBefore: now + pauseAfter(failedReads - 1) }
        : { kind: "give up", because: "not readable" };
}

/**
 * Read at once after an answer that shows a final status, or if the request was not accepted. Otherwise pause first.
 */
function pauseBefore({ posts, reads, lastPost, showsFinal }: Progress): number {
    const isAtOnce = posts > 0 && reads === 0 && (lastPost !== "accepted" || showsFinal);
    return isAtOnce ? 0 : pauseAfter(reads);
}

/** Pauses between readings of one waiting cancellation, in milliseconds: short at first, then longer to save quota. */
const pauses: readonly number[] = [1_000, 2_000, 3_000, 5_000, 8_000];
const maxPauseMs = 10_000;

/** The pause before the next reading, in milliseconds, after `reads` readings that did not show a final status. */
export function pauseAfter(reads: number): number {
    return pauses[reads] ?? maxPauseMs;
}
