import type { Observation } from "../api/defender-client.ts";
import { maxRefusals } from "../api/retry.ts";
import { DefenderError } from "../model/errors.ts";
import { isOutstanding } from "../model/outputs.ts";
import type { CancelContext, CancellationResult } from "./cancel-context.ts";
import {
    asDefenderError,
    gaveUp,
    isNotFound,
    notFound,
    stoppedUnseen,
    tooLate,
    withProgress,
} from "./cancel-failures.ts";
import { recordProof } from "./cancel-record.ts";
import { apply, beginCancellation, type CancellationState, isSeenPrevented, proveBy } from "./cancellation-state.ts";
import type { CancellationTarget } from "./cancellation-target.ts";
import { decide, type GiveUpReason, type NextAction } from "./decide.ts";
import { refuseUnexpected } from "./expectations.ts";
import { sendRequest } from "./send-request.ts";
import type { SendTurn } from "./send-turns.ts";

/**
 * Runs one cancellation to its end: reads, sends, and reads again until the final status is proven or the deadline has
 * passed. With `confirmOnlyMs` it sends nothing. Never rejects.
 */
export async function runCancellation(
    target: CancellationTarget,
    context: CancelContext,
    confirmOnlyMs: number | undefined,
    onRequest: (machineActionId: string) => void = () => {},
): Promise<CancellationResult> {
    const { machineActionId } = target;
    const leave = context.poller.enter();
    let state: CancellationState | undefined;
    try {
        const observation = target.observation ?? (await readInitially(target, context, confirmOnlyMs === undefined));
        state = beginCancellation({
            ...{ target, observation, confirmOnlyMs },
            wasAtWork: context.observer.wasAtWork(machineActionId),
            now: context.clock.now(),
        });
        refuseChanged(state);
        for (;;) {
            const next = nextActionOf(state, context);
            switch (next.kind) {
                case "conclude":
                    return await conclude(state, context);
                case "give up":
                    throw failureOf(next.because, state, context);
                case "send":
                    state = await send(state, context, onRequest);
                    break;
                case "read":
                    state = await read(state, next.notBefore, context);
                    break;
            }
        }
    } catch (error) {
        const action = state?.observation.action ?? target.observation?.action;
        const record = state?.record ?? target.record;
        const failed = asDefenderError(error, machineActionId);
        // A refresh requests nothing, so it only says what an earlier run has left open.
        const isOpen = isOutstanding(record) || failed.code === "ERR_DEFENDER_INTERRUPTED";
        const hasProgress = confirmOnlyMs === undefined || isOpen;
        const failure = hasProgress ? withProgress(failed, machineActionId, action, record, context.goOn) : failed;
        return { machineActionId, action, record, failure };
    } finally {
        leave();
    }
}

function nextActionOf(state: CancellationState, { clock, stop }: CancelContext): NextAction {
    const known = stop.aborted ? apply(state, { kind: "stopped" }) : state;
    return decide({ ...known, status: known.observation.action.status }, clock.now());
}

/** Throws when the action is not what the reviewer approved. A refresh sends nothing, so it is not checked. */
function refuseChanged({ maySend, observation, target }: CancellationState): void {
    if (maySend) {
        refuseUnexpected(observation.action, target.expect);
    }
}

async function conclude(state: CancellationState, context: CancelContext): Promise<CancellationResult> {
    const { target, observation, record, hasAsked } = state;
    // Another resource may have read the action meanwhile.
    const hasStarted = state.hasStarted || context.observer.wasAtWork(target.machineActionId);
    const { action } = observation;
    if (target.ifAlreadyFinal === "fail" && (action.status === "Succeeded" || action.status === "Failed")) {
        throw tooLate(action);
    }
    const by = action.status === "Cancelled" ? await ownNamesOf(context) : undefined;
    const proven = recordProof(record, observation, {
        asked: hasAsked,
        isSeenPrevented: isSeenPrevented({ ...state, hasStarted }, observation),
        hasStarted,
        // The time of the reading: other cancellations of a set may have taken time since.
        at: observation.receivedAt,
        declaredBy: target.declaredBy,
        by,
        before: state.request?.observation.action,
    });
    const { machineActionId } = target;
    const { cancellationRequestor } = proven.evidence ?? {};
    if (hasAsked && cancellationRequestor !== undefined) {
        context.ownNames.learn(cancellationRequestor);
    }
    context.journal?.proven({ machineActionId, action, record: proven });
    return { machineActionId, action, record: proven, failure: undefined };
}

/** Waits for a turn with a fresh reading, and sends if that reading still requires a request. */
async function send(
    state: CancellationState,
    context: CancelContext,
    onRequest: (machineActionId: string) => void,
): Promise<CancellationState> {
    return context.queue.pass(state.observation, async (turn) =>
        turn.readFailure === undefined
            ? sendInTurn(state, turn, context, onRequest)
            : afterFailedRead(state, turn.readFailure),
    );
}

async function sendInTurn(
    before: CancellationState,
    turn: SendTurn,
    context: CancelContext,
    onRequest: (machineActionId: string) => void,
): Promise<CancellationState> {
    const { observation } = turn;
    const state = observation === before.observation ? before : apply(before, { kind: "observed", observation });
    refuseChanged(state);
    if (nextActionOf(state, context).kind !== "send") {
        return state;
    }
    // Identify before the request, because nothing may fail between a request and its record.
    const by = await context.identify();
    const request = await sendRequest(state.target, turn, context, by);
    if (request.kind === "stale") {
        return refuseEndless(apply(state, request));
    }
    if (state.posts === 0) {
        onRequest(state.target.machineActionId);
    }
    return apply(state, { kind: "sent", request, by });
}

/** The cancellation fails after the API's quota refused it {@link maxRefusals} times, even with readings in between. */
function refuseEndless(state: CancellationState): CancellationState {
    if (state.refusals > maxRefusals) {
        const { machineActionId } = state.target;
        const message = `the API's quota refused the cancel request for machine action ${machineActionId} ${state.refusals} times`;
        throw new DefenderError("ERR_DEFENDER_THROTTLED", message, { machineActionId, status: 429 });
    }
    return state;
}

async function read(state: CancellationState, notBefore: number, context: CancelContext): Promise<CancellationState> {
    const { observation, deadline, posts, reads, target } = state;
    const isFirst = posts > 0 && reads === 0;
    try {
        const seen = await context.poller.next(target.machineActionId, observation.action, {
            notBefore,
            deadline: Math.max(notBefore, deadline.at),
            isFirst,
            proveBy: isFirst ? proveBy(state) : undefined,
        });
        return apply(state, { kind: "observed", observation: seen });
    } catch (error) {
        return afterFailedRead(state, error);
    }
}

/** The run continues after an answer that cannot be used, unless every further reading would fail in the same way. */
function afterFailedRead(state: CancellationState, error: unknown): CancellationState {
    const failure = asDefenderError(error, state.target.machineActionId);
    if (isHopeless(failure)) {
        throw failure;
    }
    return apply(state, { kind: "read failed", failure });
}

/** Failures that would recur: the request itself has already retried as long as that helps. */
const hopeless = new Set<string>([
    "ERR_DEFENDER_THROTTLED",
    "ERR_DEFENDER_UNAUTHORIZED",
    "ERR_DEFENDER_FORBIDDEN",
    "ERR_DEFENDER_NO_CREDENTIAL",
    "ERR_DEFENDER_SIGN_IN",
]);

function isHopeless({ code }: DefenderError): boolean {
    return hopeless.has(code);
}

function failureOf(because: GiveUpReason, state: CancellationState, { clock, goOn }: CancelContext): DefenderError {
    const { observation, record, readFailure, sendFailure } = state;
    if (because === "not readable") {
        return readFailure ?? asDefenderError("it cannot be read", observation.action.id);
    }
    return gaveUp(because, observation.action, record, readFailure ?? sendFailure, clock.now(), goOn);
}

/** The names of our own identity. Undefined where they cannot be determined: a proof must not fail for this. */
async function ownNamesOf({ ownNames }: CancelContext) {
    return ownNames.known().catch(() => undefined);
}

/** The tenant of the credential; undefined where the token does not show it. */
export async function tenantOf({ identify }: Pick<CancelContext, "identify">): Promise<string | undefined> {
    return identify().then(
        ({ tenantId }) => tenantId,
        () => undefined,
    );
}

/** The first read. A 404 of an action that was never seen may be a replication delay, so `up` retries for some time. */
export async function readInitially(
    target: CancellationTarget,
    context: CancelContext,
    maySend: boolean,
): Promise<Observation> {
    const { clock, stop } = context;
    const wasSeen = target.earlier?.status !== undefined;
    const until = clock.now() + (maySend && !wasSeen ? context.visibilityMs : 0);
    for (let reads = 0; ; reads++) {
        try {
            const read = maySend ? context.observer.readRecent : context.observer.read;
            return await read(target.machineActionId, target.earlier);
        } catch (error) {
            if (!isNotFound(error)) {
                throw error;
            }
            const left = until - clock.now();
            if (left <= 0) {
                throw notFound(target.machineActionId, error, await tenantOf(context));
            }
            await clock.sleep(Math.min(2_000 * 2 ** reads, left), stop);
            if (stop.aborted) {
                throw stoppedUnseen(target.machineActionId, error, context.goOn);
            }
        }
    }
}
