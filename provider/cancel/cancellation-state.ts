import type { CancelReceipt, Observation } from "../api/defender-client.ts";
import type { DefenderError } from "../model/errors.ts";
import { isAtWork, isFinal } from "../model/machine-action.ts";
import { type CancellationRecord, isOutstanding } from "../model/outputs.ts";
import { type RunIdentity, recordRequest, showsRequest } from "./cancel-record.ts";
import type { CancellationTarget } from "./cancellation-target.ts";
import { type Deadline, maxPosts, type Progress } from "./decide.ts";
import { isFreshAt, maxProofDelayMs } from "./freshness.ts";
import type { SentRequest } from "./send-request.ts";

/** Where one cancellation stands: all that its next action, its record and its failure depend on. */
export interface CancellationState extends Omit<Progress, "status"> {
    readonly target: CancellationTarget;
    /** The last reading that was answered. */
    readonly observation: Observation;
    readonly record: CancellationRecord;
    /** A request of this resource was at work: of this run, or of an earlier one that it goes on from. */
    readonly hasAsked: boolean;
    /** A reading or an answer showed the action at work. */
    readonly hasStarted: boolean;
    /** The last cancel request of this run. */
    readonly request:
        | {
              /** When it went out, milliseconds since the epoch. */
              readonly at: number;
              /** The reading that it went out on. */
              readonly observation: Observation;
              readonly receipt: CancelReceipt | undefined;
          }
        | undefined;
    /** How often a cancel request went out and was refused by the API's quota, and then had no fresh reading. */
    readonly refusals: number;
    readonly sendFailure: DefenderError | undefined;
    readonly readFailure: DefenderError | undefined;
}

/** How a cancellation begins. */
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

/** How long a request of an earlier run is waited for before another is sent, in milliseconds. */
const resumeAfterMs = 30_000;

/** How long a request whose answer was lost is waited for before it is sent again, in milliseconds. */
const resendAfterMs = 10_000;

/** In state, any other status says that the action has started, or may have. */
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

/** What happens to a cancellation. */
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
        // Lost was the answer alone: the request is waited for like any other.
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
 * Whether the cancellation came before the action started, as far as readings can show. It was Pending in a reading at
 * most 15 s before the request went out, and Cancelled in the answer or in a proof that began at most 60 s later; no
 * reading in between shows a start. A request of an earlier run does not count: its readings are not known here.
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

/** Until when a proof has to begin so that {@link isSeenPrevented} holds; undefined where that does not depend on it. */
export function proveBy({ request, hasStarted }: CancellationState): number | undefined {
    const isOpen = request?.observation.action.status === "Pending" && request.receipt?.action?.status !== "Cancelled";
    return isOpen && !hasStarted ? request.at + maxProofDelayMs : undefined;
}

/** A cancel request older than this, in milliseconds, on an action that is still not final, is not waited for. */
const freshRequestMs = 15 * 60_000;

/** How far in the future a time of the API may lie, in milliseconds, and still count. */
const clockSkewMs = 60_000;

/** Another client, perhaps an earlier run of ours that lost its state, asked for the cancellation a moment ago. */
export function isRequestUnderWay({ action, date, receivedAt }: Observation, record: CancellationRecord): boolean {
    const requested = Date.parse(action.cancellationDateTimeUtc ?? "");
    const proven = Date.parse(record.confirmedAtUtc ?? "");
    const serverNow = Date.parse(date ?? "") || receivedAt;
    const isFresh = requested > serverNow - freshRequestMs && requested < serverNow + clockSkewMs;
    return isFresh && !(requested <= proven);
}
