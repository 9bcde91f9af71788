import type { CancelReceipt, Observation } from "../api/defender-client.ts";
import type { GuardStamp } from "../guard/guard.ts";
import { outdated } from "../guard/guard-errors.ts";
import type { DefenderError, DefenderErrorCode } from "../model/errors.ts";
import type { CancelContext } from "./cancel-context.ts";
import { asDefenderError } from "./cancel-failures.ts";
import type { RunIdentity } from "./cancel-record.ts";
import type { CancellationTarget } from "./cancellation-target.ts";
import { refusePastNotAfter } from "./expectations.ts";
import { mayGoOut } from "./freshness.ts";
import { journalAttempts, type RequestAnswer } from "./request-journal.ts";
import type { SendTurn } from "./send-turns.ts";

/** The reading was too old when the quota allowed the request, so a newer one is needed. The API accepted nothing. */
export interface StaleRequest {
    readonly kind: "stale";
    /** How often the request was sent before and refused by the API's quota. */
    readonly refusals: number;
}

/** The result of one cancel request that was sent. */
export interface SentRequest {
    readonly kind: "sent";
    /** When it was sent, after any wait for the quota. Milliseconds since the epoch. */
    readonly at: number;
    /** The reading that allowed it. */
    readonly observation: Observation;
    readonly guard: GuardStamp;
    readonly lastPost: "accepted" | "refused" | "unknown";
    readonly receipt?: CancelReceipt;
    readonly failure?: DefenderError;
}

class StaleReading extends Error {}

/**
 * Sends one cancel request, if the guard allows it. Returns `stale` if its reading became too old. Returns `sent` if the
 * API accepted the request, refused this action, or may have accepted it although the answer was lost. Throws in every
 * other case, in which there is nothing to record. No other code sends cancel requests. The guard decides each time, on
 * the reading that allows the request. The journal stores each attempt before it is sent. `by`: the identity that sends.
 */
export async function sendRequest(
    target: CancellationTarget,
    turn: SendTurn,
    context: CancelContext,
    by: RunIdentity,
): Promise<SentRequest | StaleRequest> {
    const { machineActionId, comment, notAfter, digest, declaredExpect = target.expect } = target;
    const { observation, isNext } = turn;
    const { clock } = context;
    const authorization = await context.guard.authorize({
        action: observation.action,
        expect: declaredExpect,
        notAfter,
        digest,
    });
    const guard = authorization.stamp;
    const judgedAt = clock.now();
    const behindMs = Math.max(0, (Date.parse(observation.date ?? "") || 0) - observation.receivedAt);
    let at = clock.now();
    let timesSent = 0;
    let receipt: CancelReceipt | undefined;
    const attempts = journalAttempts(context.journal, machineActionId);
    const refuseLate = (call: number, now: number) => {
        // The later of the two clocks counts, so a clock that is behind does not extend the time.
        refusePastNotAfter(observation.action, notAfter, now + behindMs);
        if (!mayGoOut(observation, { at: now, call, nextSlot: () => context.nextSlot(0) })) {
            throw new StaleReading();
        }
        if (authorization.validUntil !== undefined && now > authorization.validUntil) {
            throw outdated(machineActionId, now - judgedAt);
        }
    };
    const beforeSend = ({ call }: { readonly call: number }) => {
        at = clock.now();
        refuseLate(call, at);
        // A slow disk may take the time that is left.
        attempts.begin({ at, observation, comment, digest, guard, by }, () => refuseLate(call, clock.now()));
        timesSent++;
        turn.departed();
    };
    try {
        const afterFailure = (failure: unknown) =>
            attempts.answered(answerOf(asDefenderError(failure, machineActionId)));
        receipt = await context.send(machineActionId, comment, { beforeSend, afterFailure, isNext });
        const { status, correlationId, date, action } = receipt;
        const shown = { statusAfter: action?.status, cancellationDateTimeUtc: action?.cancellationDateTimeUtc };
        attempts.answered({ kind: "accepted", status, correlationId, date, ...shown });
        return { kind: "sent", at, observation, guard, lastPost: "accepted", receipt };
    } catch (error) {
        if (error instanceof StaleReading) {
            turn.outdated();
            const refusals = timesSent;
            timesSent = 0;
            return { kind: "stale", refusals };
        }
        const failure = asDefenderError(error, machineActionId);
        attempts.answered(answerOf(failure));
        if (isOutcomeUnknown(failure.code)) {
            return { kind: "sent", at, observation, guard, lastPost: "unknown", failure };
        }
        if (failure.code === "ERR_DEFENDER_REFUSED") {
            // The API also refuses if the action is final or being cancelled. A reading shows which.
            return { kind: "sent", at, observation, guard, lastPost: "refused", failure };
        }
        throw failure;
    } finally {
        if (timesSent > 0) {
            context.observer.invalidate(machineActionId, receipt?.action);
            authorization.use();
        }
        await authorization.end();
    }
}

/** Whether the API may have processed the request before the answer was lost. */
function isOutcomeUnknown(code: DefenderErrorCode): boolean {
    return code === "ERR_DEFENDER_RESPONSE" || code === "ERR_DEFENDER_NETWORK" || code === "ERR_DEFENDER_SERVER";
}

function answerOf({ code, status, trackingId }: DefenderError): RequestAnswer {
    const kind = isOutcomeUnknown(code) ? "unknown" : "refused";
    return { kind, status, correlationId: trackingId, failure: code };
}
