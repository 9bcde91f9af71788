import type { CancelReceipt, Observation } from "../api/defender-client.ts";
import type { DefenderError } from "../model/errors.ts";
import { isAtWork, isFinal } from "../model/machine-action.ts";
import { type CancellationRecord, isOutstanding } from "../model/outputs.ts";
import { momentOf } from "../system/clock.ts";
import { type RunIdentity, recordRequest, showsRequest } from "./cancel-record.ts";
import type { CancellationTarget } from "./cancellation-target.ts";
import { type Deadline, maxPosts, type Progress } from "./decide.ts";
import { isFreshAt, maxProofDelayMs } from "./freshness.ts";
import type { SentRequest } from "./send-request.ts";

/** The state of one cancellation, which determines its next action, its record and its failure. */
export interface CancellationState extends Omit<Progress, "status"> {
    readonly target: CancellationTarget;
    /** The last successful reading. */
    readonly observation: Observation;
    readonly record: CancellationRecord;
    /**
     * Whether a request of this resource took effect, or may have, in this run or in the earlier run that it continues.
     */
    readonly hasAsked: boolean;
    /** A reading or an answer showed that the action has started. */
    readonly hasStarted: boolean;
    /** The last cancel request of this run. */
    readonly request:
        | {
              /** When it was sent, milliseconds since the epoch. */
              readonly at: number;
              /** The reading that allowed it. */
              readonly observation: Observation;
              readonly receipt: CancelReceipt | undefined;
          }
        | undefined;
    /** How often the API's quota refused a cancel request that then needed a fresh reading. */
    readonly refusals: number;
    readonly sendFailure: DefenderError | undefined;
    readonly readFailure: DefenderError | undefined;
}

/** The start of a cancellation. */
export interface Beginning {
    readonly target: CancellationTarget;
    /** The first reading. */
    readonly observation: Observation;
    /** Whether this process has already read that the action is at work. */
    readonly wasAtWork: boolean;
    /** How long a refresh reads, in milliseconds; undefined where a cancel request may be sent. */
    readonly confirmOnlyMs: number | undefined;
    /** Milliseconds since the epoch. */
    readonly now: number;
}

/** How long to wait for the effect of an earlier run's request before another one is sent, in milliseconds. */
const resumeAfterMs = 30_000;

/** How long to wait for the effect of a request whose answer was lost before it is sent again, in milliseconds. */
const resendAfterMs = 10_000;

/** Any other stored status means that the action has started, or may have. */
const neverStarted: readonly string[] = ["Pending", "TimeOut"];

export function beginCancellation({
    target,
    observation,
    wasAtWork,
    confirmOnlyMs,
    now,
}: Beginning): CancellationState {
    const { record, earlier, confirmWithinMs } = target;
    const hasAsked = isOutstanding(record);
    return {
        target,
        maySend: confirmOnlyMs === undefined,
        isStopped: false,
        observation,
        record,
        posts: 0,
        lastPost: "none",
        showsFinal: false,
        reads: 0,
        isReadAfterPost: false,
        failedReads: 0,
        hasAsked,
        isUnderWay: hasAsked || isRequestUnderWay(observation, record),
        hasStarted:
            wasAtWork ||
            isAtWork(observation.action) ||
            (earlier?.status !== undefined && !neverStarted.includes(earlier.status)),
        deadline:
            confirmOnlyMs === undefined
                ? { kind: "resume", at: now + Math.min(resumeAfterMs, confirmWithinMs) }
                : { kind: "confirm", at: now + confirmOnlyMs },
        request: undefined,
        refusals: 0,
        sendFailure: undefined,
        readFailure: undefined,
    };
}

/** An event that changes the state of a cancellation. */
export type CancellationEvent =
    | { readonly kind: "observed"; readonly observation: Observation }
    | { readonly kind: "read failed"; readonly failure: DefenderError }
    | { readonly kind: "stale"; readonly refusals: number }
    | { readonly kind: "sent"; readonly request: SentRequest; readonly by: RunIdentity }
    | { readonly kind: "stopped" };

/** The state after an event. Pure. */
export function apply(state: CancellationState, event: CancellationEvent): CancellationState {
    switch (event.kind) {
        case "observed":
            return afterReading(state, event.observation);
        case "read failed":
            return {
                ...state,
                reads: state.reads + 1,
                failedReads: state.failedReads + 1,
                readFailure: event.failure,
            };
        case "sent":
            return afterRequest(state, event.request, event.by);
        case "stale":
            return { ...state, refusals: state.refusals + event.refusals };
        case "stopped":
            return { ...state, isStopped: true };
    }
}

function afterReading(state: CancellationState, observation: Observation): CancellationState {
    const { record, request, target } = state;
    const next = {
        ...state,
        observation,
        reads: state.reads + 1,
        failedReads: 0,
        isReadAfterPost: state.posts > 0,
        readFailure: undefined,
        isUnderWay: state.isUnderWay || isRequestUnderWay(observation, record),
        hasStarted: state.hasStarted || isAtWork(observation.action),
    };
    if (
        request &&
        state.lastPost === "unknown" &&
        showsRequest(observation.action, request.observation.action, record)
    ) {
        // Only the answer was lost, so this request now gets the same time as an accepted one.
        return { ...next, lastPost: "accepted", deadline: confirmationOf(target, request.at) };
    }
    return next;
}

function afterRequest(state: CancellationState, sent: SentRequest, by: RunIdentity): CancellationState {
    const { target, record, hasAsked } = state;
    const { at, guard, lastPost, receipt, failure, observation } = sent;
    const posts = state.posts + 1;
    const wasTaken = lastPost !== "refused";
    const { comment, digest } = target;
    const statusBefore = (hasAsked && record.statusBeforeCancel) || observation.action.status;
    const observedAt = observation.receivedAt;
    return {
        ...state,
        posts,
        lastPost,
        showsFinal: isFinal(receipt?.action?.status ?? ""),
        reads: 0,
        isReadAfterPost: false,
        isUnderWay: state.isUnderWay || wasTaken,
        hasStarted: state.hasStarted || (receipt?.action !== undefined && isAtWork(receipt.action)),
        hasAsked: hasAsked || wasTaken,
        record: wasTaken
            ? recordRequest(record, { comment, digest, at, observedAt, statusBefore, receipt, guard }, by)
            : record,
        deadline:
            lastPost === "unknown" && posts < maxPosts
                ? { kind: "resend", at: at + Math.min(resendAfterMs, target.confirmWithinMs) }
                : confirmationOf(target, at),
        request: { at, observation, receipt },
        sendFailure: failure,
    };
}

function confirmationOf({ confirmWithinMs }: CancellationTarget, requestedAt: number): Deadline {
    return { kind: "confirm", at: requestedAt + confirmWithinMs };
}

/**
 * Whether the cancellation came before the action started, as far as readings can show. The action was Pending in a
 * reading at most 15 s before the request was sent. It was Cancelled in the answer, or in a proof that began at most
 * 60 s after the request. No reading in between shows a start. A request of an earlier run does not count, because its
 * readings are not known here.
 */
export function isSeenPrevented({ request, hasStarted }: CancellationState, proof: Observation): boolean {
    if (!request || hasStarted) {
        return false;
    }
    const { at, observation, receipt } = request;
    const proofDelay = proof.beganAt - at;
    const isSoon = proofDelay >= 0 && proofDelay <= maxProofDelayMs;
    return (
        observation.action.status === "Pending" &&
        isFreshAt(observation, at) &&
        (receipt?.action?.status === "Cancelled" || isSoon)
    );
}

/**
 * The latest time at which a proof may begin for {@link isSeenPrevented}; undefined where this does not depend on it.
 */
export function proveBy({ request, hasStarted }: CancellationState): number | undefined {
    const isOpen = request?.observation.action.status === "Pending" && request.receipt?.action?.status !== "Cancelled";
    return isOpen && !hasStarted ? request.at + maxProofDelayMs : undefined;
}

/**
 * The maximum age, in milliseconds, of a cancel request whose effect is still expected on an action that is not final.
 */
const freshRequestMs = 15 * 60_000;

/** How far in the future a time of the API may be and still count, in milliseconds. */
const clockSkewMs = 60_000;

/** Whether another client recently requested the cancellation; it may be an earlier run of ours that lost its state. */
export function isRequestUnderWay({ action, date, receivedAt }: Observation, record: CancellationRecord): boolean {
    const requested = momentOf(action.cancellationDateTimeUtc);
    const proven = momentOf(record.confirmedAtUtc);
    const serverNow = Date.parse(date ?? "") || receivedAt;
    const isFresh = requested > serverNow - freshRequestMs && requested < serverNow + clockSkewMs;
    return isFresh && !(requested <= proven);
}
