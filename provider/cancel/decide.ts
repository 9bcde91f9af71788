import { isFinal, type MachineActionStatus } from "../model/machine-action.ts";

/**
 * What a cancellation is waiting for, and until when, in milliseconds since the epoch.
 * - `resume`: the request of an earlier run, or of another client, is given time before another one is sent.
 * - `resend`: a request whose answer was lost is given time to show in a reading before it is sent again.
 * - `confirm`: the final status is awaited.
 */
export interface Deadline {
    readonly kind: "resume" | "resend" | "confirm";
    readonly at: number;
}

/** What the next action of a cancellation depends on. */
export interface Progress {
    /** As the last reading showed it. One that counts began after the last cancel request was answered. */
    readonly status: MachineActionStatus;
    /** Whether a cancel request may be sent at all: a refresh sends none. */
    readonly maySend: boolean;
    /** Whether the run was told to stop. */
    readonly isStopped: boolean;
    /** Cancel requests of this run. */
    readonly posts: number;
    /** What the API said to the last cancel request of this run. */
    readonly lastPost: "none" | "accepted" | "refused" | "unknown";
    /** The answer to the last cancel request showed the action as final. */
    readonly showsFinal: boolean;
    /** Whether a cancel request may be at work: of this run, of an earlier one, or of another client. */
    readonly isUnderWay: boolean;
    /** Readings since the last cancel request, those that failed among them. */
    readonly reads: number;
    /** Whether one of them was answered: before that, nothing is known of the request. */
    readonly isReadAfterPost: boolean;
    /** Readings that failed since the last one that was answered. */
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

/** Cancel requests that one run sends at most for one action: more than one only while the outcome is unknown. */
export const maxPosts = 3;

/** Readings before a cancel request that may fail one after another: nothing is sent on an old one. */
export const maxFailedReads = 3;

/** What to do next with one cancellation. Pure: the same progress at the same time has the same next action. */
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
    // A reading decides, not the API's answer to the request.
    if (posts > 0 && progress.reads === 0) {
        return { kind: "read", notBefore: pausedUntil };
    }
    // A refusal can mean that an earlier request is at work: then that one is waited for.
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

/** A request goes out on a reading. Where the last one failed, another one is tried first, after a pause. */
function sendOnReading({ failedReads }: Progress, now: number): NextAction {
    if (failedReads === 0) {
        return { kind: "send" };
    }
    return failedReads < maxFailedReads
        ? { kind: "read", notBefore: now + pauseAfter(failedReads - 1) }
        : { kind: "give up", because: "not readable" };
}

/** An answer that shows the end, or no answer at all, is followed by a reading at once. Any other gets a moment. */
function pauseBefore({ posts, reads, lastPost, showsFinal }: Progress): number {
    const isAtOnce = posts > 0 && reads === 0 && (lastPost !== "accepted" || showsFinal);
    return isAtOnce ? 0 : pauseAfter(reads);
}

/** Pauses between readings of one waiting cancellation, in milliseconds: short at first, then long for the shared quota. */
const pauses: readonly number[] = [1_000, 2_000, 3_000, 5_000, 8_000];
const maxPauseMs = 10_000;

/** The pause before the next reading, in milliseconds, after `reads` readings that did not show the end. */
export function pauseAfter(reads: number): number {
    return pauses[reads] ?? maxPauseMs;
}
