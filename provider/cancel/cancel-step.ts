import { isFinal, type MachineActionStatus } from "../machine-action.ts";

/** Where one cancellation stands. All times in milliseconds since the epoch. */
export interface CancelState {
    /** As the last read showed it. One that counts began after the last cancel request was answered. */
    readonly status: MachineActionStatus;
    /** Reads since the last cancel request, in vain or not. */
    readonly reads: number;
    /** Whether one of them was answered: before that nobody knows what became of the request. */
    readonly hasLooked: boolean;
    /** Cancel requests of this run. */
    readonly posts: number;
    /** What the API said to the last cancel request of this run. */
    readonly lastPost: "none" | "accepted" | "refused" | "unknown";
    /** Whether a cancel request may be at work: of this run, of an earlier one, or of somebody else. */
    readonly underWay: boolean;
    /** Until when to wait for what was requested. */
    readonly waitUntil: number;
    /** Whether a cancel request may be sent at all: not by a refresh. */
    readonly maySend: boolean;
    /** Whether the run was told to stop. */
    readonly stopped: boolean;
}

/** Why a cancellation is left unproven. */
export type GiveUpReason = "stopped" | "refused" | "not confirmed";

export type CancelStep =
    | { readonly do: "conclude" }
    | { readonly do: "send" }
    | { readonly do: "wait"; readonly milliseconds: number }
    | { readonly do: "give up"; readonly because: GiveUpReason };

/** Cancel requests that one run sends at most for one action: more than one only while the outcome is unknown. */
export const mostPosts = 3;

/** What to do next with one cancellation. Pure: the same state at the same time has the same next step. */
export function nextStep(state: CancelState, now: number): CancelStep {
    if (isFinal(state.status)) {
        return { do: "conclude" };
    }
    if (state.stopped) {
        return { do: "give up", because: "stopped" };
    }
    if (state.maySend && state.posts === 0 && !state.underWay) {
        return { do: "send" };
    }
    // A refusal can mean that an earlier request is at work: then that one is waited for.
    if (state.lastPost === "refused" && !state.underWay) {
        return { do: "give up", because: "refused" };
    }
    const left = state.waitUntil - now;
    if (left > 0) {
        return { do: "wait", milliseconds: Math.min(pauseAfter(state.reads), left) };
    }
    const again = state.posts === 0 || (state.lastPost === "unknown" && state.hasLooked && state.posts < mostPosts);
    return state.maySend && again ? { do: "send" } : { do: "give up", because: "not confirmed" };
}

/** Pauses between reads of one waiting cancellation, in milliseconds: quick at first, then kind to the shared quota. */
const pauses: readonly number[] = [1_000, 2_000, 3_000, 5_000, 8_000];
const longestPause = 10_000;

/** The pause before the next read, in milliseconds, when `reads` reads have already been in vain. */
export function pauseAfter(reads: number): number {
    return pauses[reads] ?? longestPause;
}
