import type { Sighting } from "../api/defender-client.ts";
import type { DefenderError } from "../errors.ts";
import { isFinal, type MachineAction } from "../machine-action.ts";
import { isOutstanding } from "../outputs.ts";
import type { CancelContext, CancellationResult } from "./cancel.ts";
import { asDefenderError, gaveUp, tooLate, withStanding } from "./cancel-failures.ts";
import { recordProof, recordRequest, showsRequest } from "./cancel-record.ts";
import { type CancelState, mostPosts, nextStep, pauseAfter } from "./cancel-step.ts";
import type { CancellationTarget } from "./cancellation-target.ts";
import { refuseUnexpected } from "./expectations.ts";
import { firstLook, isRequestUnderWay } from "./first-look.ts";
import { type SendAnswer, sendRequest } from "./send-request.ts";

/** How long a cancel request of unknown outcome is watched before it is sent again, in milliseconds. */
const resendAfterMs = 10_000;

/** How long a request of an earlier run is waited for before another is sent, in milliseconds. */
const resumeAfterMs = 30_000;

/**
 * Sees one cancellation through: looks, sends, and reads until the end is proven or its time is over. With
 * `onlyConfirmWithinMs` it sends nothing. Never rejects.
 */
export async function pursue(
    target: CancellationTarget,
    context: CancelContext,
    onlyConfirmWithinMs: number | undefined,
    onRequest: (machineActionId: string) => void = () => {},
): Promise<CancellationResult> {
    const { machineActionId, confirmWithinMs } = target;
    const { clock, stop } = context;
    const maySend = onlyConfirmWithinMs === undefined;
    const seenRunning = target.earlier?.status !== undefined && target.earlier.status !== "Pending";
    let record = target.record;
    let sighting: Sighting | undefined;
    let asked = isOutstanding(record);
    let sendFailure: DefenderError | undefined;
    let readFailure: DefenderError | undefined;
    let sent: { readonly at: number; readonly before: MachineAction } | undefined;
    const leave = context.poller.enter();
    try {
        sighting = target.sighting ?? (await firstLook(target, context, maySend));
        if (maySend) {
            refuseUnexpected(sighting.action, target.expect);
        }
        let wasPending = !seenRunning && neverRan(sighting.action);
        let state: Omit<CancelState, "stopped"> = {
            status: sighting.action.status,
            reads: 0,
            hasLooked: false,
            posts: 0,
            lastPost: "none",
            underWay: asked || isRequestUnderWay(sighting, record, clock.now()),
            waitUntil: clock.now() + (onlyConfirmWithinMs ?? Math.min(resumeAfterMs, confirmWithinMs)),
            maySend,
        };
        for (;;) {
            const step = nextStep({ ...state, stopped: stop.aborted }, clock.now());
            if (step.do === "conclude") {
                const { action } = sighting;
                if (target.ifAlreadyFinal === "fail" && (action.status === "Succeeded" || action.status === "Failed")) {
                    throw tooLate(action);
                }
                const by = action.status === "Cancelled" ? await identityOf(context) : undefined;
                record = recordProof(record, sighting, {
                    asked,
                    wasPending,
                    // That of the reading: the others of a set may have been waited for since.
                    at: sighting.receivedAt,
                    declaredBy: target.declaredBy,
                    by,
                });
                return { machineActionId, action, record, failure: undefined };
            }
            if (step.do === "give up") {
                throw gaveUp(step.because, sighting.action, record, readFailure ?? sendFailure, clock.now());
            }
            let pause = step.do === "wait" ? step.milliseconds : 0;
            if (step.do === "send") {
                const statusBefore = (asked && record.statusBeforeCancel) || sighting.action.status;
                // Before the request: nothing may fail between it and its record.
                const by = await context.identify();
                const { at, guard, lastPost, receipt, failure } = await sendInTurn(target, sighting, context);
                const posts = state.posts + 1;
                sent = { at, before: sighting.action };
                sendFailure = failure;
                if (posts === 1) {
                    onRequest(machineActionId);
                }
                if (lastPost !== "refused") {
                    const { comment, digest } = target;
                    record = recordRequest(record, { comment, digest, at, statusBefore, receipt, guard }, by);
                    asked = true;
                }
                const watchOnly = lastPost === "unknown" && posts < mostPosts;
                const patience = watchOnly ? Math.min(resendAfterMs, confirmWithinMs) : confirmWithinMs;
                const underWay = state.underWay || lastPost !== "refused";
                state = { ...state, reads: 0, hasLooked: false, posts, lastPost, underWay, waitUntil: at + patience };
                wasPending &&= receipt?.action === undefined || neverRan(receipt.action);
                // An answer that already looks final is proven by a read at once; any other gets a moment.
                pause = lastPost === "accepted" && !isFinal(receipt?.action?.status ?? "") ? pauseAfter(0) : 0;
                pause = Math.min(pause, patience);
            }
            state = { ...state, reads: state.reads + 1 };
            try {
                const dueAt = clock.now() + pause;
                const isFirst = state.posts > 0 && state.reads === 1;
                const wish = { dueAt, latestAt: Math.max(dueAt, state.waitUntil), isFirst };
                sighting = await context.poller.next(machineActionId, sighting.action, wish);
                readFailure = undefined;
                wasPending &&= neverRan(sighting.action);
                const underWay = state.underWay || isRequestUnderWay(sighting, record, clock.now());
                state = { ...state, status: sighting.action.status, hasLooked: true, underWay };
                if (sent && state.lastPost === "unknown" && showsRequest(sighting.action, sent.before, record)) {
                    // Lost was the answer alone: the request is waited for like any other.
                    state = { ...state, lastPost: "accepted", waitUntil: sent.at + confirmWithinMs };
                }
            } catch (error) {
                readFailure = asDefenderError(error, machineActionId);
                if (isHopeless(readFailure)) {
                    throw readFailure;
                }
            }
        }
    } catch (error) {
        const action = sighting?.action;
        const failure = withStanding(asDefenderError(error, machineActionId), machineActionId, action, record);
        return { machineActionId, action, record, failure };
    } finally {
        leave();
    }
}

/** What is about to run goes first: InProgress, then the rest; the newest of each. */
function sendInTurn(target: CancellationTarget, sighting: Sighting, context: CancelContext): Promise<SendAnswer> {
    const { status, creationDateTimeUtc } = sighting.action;
    const age = context.clock.now() - (Date.parse(creationDateTimeUtc ?? "") || 0);
    const rank = (status === "InProgress" ? 0 : 1e15) + age;
    return context.gate.pass(rank, () => sendRequest(target, sighting, context));
}

/** Who we are; undefined where that cannot be told any more: a proof does not fail for it. */
async function identityOf(context: CancelContext) {
    return context.identify().catch(() => undefined);
}

/** As far as this reading tells: Pending, or final without having been seen at work. */
function neverRan({ status }: MachineAction): boolean {
    return status === "Pending" || isFinal(status);
}

const hopeless = new Set<string>([
    // What a request waits out by itself has been waited out.
    "ERR_DEFENDER_THROTTLED",
    "ERR_DEFENDER_UNAUTHORIZED",
    "ERR_DEFENDER_FORBIDDEN",
    "ERR_DEFENDER_NO_CREDENTIAL",
    "ERR_DEFENDER_SIGN_IN",
]);

/** A poll survives a bad answer, but not one that every further poll would get as well. */
function isHopeless({ code }: DefenderError): boolean {
    return hopeless.has(code);
}
