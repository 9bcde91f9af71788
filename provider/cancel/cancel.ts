import type { CancelReceipt, Sighting } from "../api/defender-client.ts";
import type { Clock } from "../clock.ts";
import type { DefenderError } from "../errors.ts";
import type { IfAlreadyFinal } from "../inputs.ts";
import { isFinal, type MachineAction } from "../machine-action.ts";
import { type CancellationRecord, isOutstanding } from "../outputs.ts";
import {
    asDefenderError,
    gaveUp,
    isNotFound,
    notFound,
    stoppedUnseen,
    tooLate,
    withStanding,
} from "./cancel-failures.ts";
import { type RunIdentity, recordProof, recordRequest } from "./cancel-record.ts";
import { type CancelState, mostPosts, nextStep, pauseAfter } from "./cancel-step.ts";
import type { Earlier, Observer } from "./observer.ts";

/** One action that shall be cancelled, or be confirmed as cancelled. */
export interface CancellationTarget {
    readonly machineActionId: string;
    /** As it is sent, with its tag. */
    readonly comment: string;
    /** The declaration digest. */
    readonly digest: string;
    readonly ifAlreadyFinal: IfAlreadyFinal;
    /** How long after its own cancel request the final status is awaited, in milliseconds. */
    readonly confirmWithinMs: number;
    /** What earlier runs recorded. */
    readonly record: CancellationRecord;
    /** The action as an earlier run saw it. */
    readonly earlier: (Earlier & { readonly status?: string | undefined }) | undefined;
}

/** How far one cancellation came. Without a `failure` it is proven. */
export interface CancellationResult {
    readonly machineActionId: string;
    /** As the last read showed it. */
    readonly action: MachineAction | undefined;
    readonly record: CancellationRecord;
    readonly failure: DefenderError | undefined;
}

/** What the core works with. It knows neither HTTP nor Pulumi. */
export interface CancelContext {
    readonly observer: Observer;
    /** Sends one cancel request. */
    readonly send: (machineActionId: string, comment: string, onSend: () => void) => Promise<CancelReceipt>;
    /** Who sends, for the evidence. */
    readonly identify: () => Promise<RunIdentity>;
    readonly clock: Clock;
    /** Aborted when the run shall stop: nothing more is sent, what is under way is finished. */
    readonly stop: AbortSignal;
    /** How long a 404 of an action that was never seen is waited out, in milliseconds. */
    readonly visibilityMs: number;
}

/** How long a cancel request of unknown outcome is watched before it is sent again, in milliseconds. */
const resendAfterMs = 10_000;

/** How long a request of an earlier run is waited for before another is sent, in milliseconds. */
const resumeAfterMs = 30_000;

/** A cancel request older than this, in milliseconds, on an action that is still not final, is not waited for. */
const freshRequestMs = 15 * 60_000;

/** How far in the future a time of the API may lie, in milliseconds, and still be believed. */
const clockSkewMs = 60_000;

/**
 * Cancels machine actions: observes each, sends a cancel request where it is not final, and reads until the final
 * status is proven. Every action is attempted; never rejects.
 */
export function cancelMachineActions(
    targets: readonly CancellationTarget[],
    context: CancelContext,
): Promise<CancellationResult[]> {
    return Promise.all(targets.map((target) => inTurn(target, context)));
}

const turns = new WeakMap<CancelContext, Map<string, Promise<CancellationResult>>>();

/** Two resources may declare the same action: the second looks when the first is done, and finds it cancelled. */
function inTurn(target: CancellationTarget, context: CancelContext): Promise<CancellationResult> {
    const running = turns.get(context) ?? new Map<string, Promise<CancellationResult>>();
    turns.set(context, running);
    const { machineActionId } = target;
    const before = running.get(machineActionId);
    const turn = (before ?? Promise.resolve()).then(() => pursue(target, context, undefined));
    running.set(machineActionId, turn);
    return turn;
}

/** Reads until the final status is proven, or `withinMs` have passed. Sends nothing; never rejects. */
export function confirmCancellations(
    targets: readonly CancellationTarget[],
    context: CancelContext,
    withinMs: number,
): Promise<CancellationResult[]> {
    return Promise.all(targets.map((target) => pursue(target, context, withinMs)));
}

async function pursue(
    target: CancellationTarget,
    context: CancelContext,
    onlyConfirmWithinMs: number | undefined,
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
    try {
        sighting = await firstLook(target, context, maySend);
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
                record = recordProof(record, sighting, { asked, wasPending, at: clock.now() });
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
                const { at, lastPost, receipt, failure } = await send(target, context);
                const posts = state.posts + 1;
                sendFailure = failure;
                if (lastPost !== "refused") {
                    const { comment, digest } = target;
                    record = recordRequest(record, { comment, digest, at, statusBefore, receipt }, by);
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
            if (pause > 0) {
                await clock.sleep(pause, stop);
            }
            state = { ...state, reads: state.reads + 1 };
            try {
                sighting = await context.observer.observe(machineActionId, sighting.action);
                readFailure = undefined;
                wasPending &&= neverRan(sighting.action);
                const underWay = state.underWay || isRequestUnderWay(sighting, record, clock.now());
                state = { ...state, status: sighting.action.status, hasLooked: true, underWay };
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
    }
}

/** The first read. A 404 of an action that nobody has seen yet may be replication delay: `up` waits it out. */
async function firstLook(target: CancellationTarget, context: CancelContext, maySend: boolean): Promise<Sighting> {
    const { clock, stop } = context;
    const wasSeen = target.earlier?.status !== undefined;
    const until = clock.now() + (maySend && !wasSeen ? context.visibilityMs : 0);
    for (let reads = 0; ; reads++) {
        try {
            return await context.observer.observe(target.machineActionId, target.earlier);
        } catch (error) {
            if (!isNotFound(error)) {
                throw error;
            }
            if (stop.aborted) {
                throw stoppedUnseen(target.machineActionId, error);
            }
            const left = until - clock.now();
            if (left <= 0) {
                throw notFound(target.machineActionId, error);
            }
            await clock.sleep(Math.min(pauseAfter(reads), left), stop);
        }
    }
}

/** Somebody, perhaps an earlier run of ours that lost its state, asked for the cancellation a moment ago. */
function isRequestUnderWay({ action, date }: Sighting, record: CancellationRecord, now: number): boolean {
    const requested = Date.parse(action.cancellationDateTimeUtc ?? "");
    const proven = Date.parse(record.confirmedAtUtc ?? "");
    const serverNow = Date.parse(date ?? "") || now;
    const isFresh = requested > serverNow - freshRequestMs && requested < serverNow + clockSkewMs;
    return isFresh && !(requested <= proven);
}

interface SendAnswer {
    /** When the request went out: the wait for the quota before it does not count. Milliseconds since the epoch. */
    readonly at: number;
    readonly lastPost: "accepted" | "refused" | "unknown";
    readonly receipt?: CancelReceipt;
    readonly failure?: DefenderError;
}

async function send(target: CancellationTarget, context: CancelContext): Promise<SendAnswer> {
    const { machineActionId, comment } = target;
    let at = context.clock.now();
    try {
        const receipt = await context.send(machineActionId, comment, () => {
            at = context.clock.now();
        });
        return { at, lastPost: "accepted", receipt };
    } catch (error) {
        const failure = asDefenderError(error, machineActionId);
        switch (failure.code) {
            case "ERR_DEFENDER_RESPONSE":
            case "ERR_DEFENDER_NETWORK":
            case "ERR_DEFENDER_SERVER":
                // The request may have been carried out before the answer was lost.
                return { at, lastPost: "unknown", failure };
            case "ERR_DEFENDER_REFUSED":
                // A final action, or one that is being cancelled, is refused too: a read decides.
                return { at, lastPost: "refused", failure };
            default:
                throw failure;
        }
    }
}

/** As far as this reading tells: Pending, or final without having been seen at work. */
function neverRan({ status }: MachineAction): boolean {
    return status === "Pending" || isFinal(status);
}

/** A poll survives a bad answer, but not one that every further poll would get as well. */
function isHopeless({ code }: DefenderError): boolean {
    return (
        // What a request waits out by itself has been waited out.
        code === "ERR_DEFENDER_THROTTLED" ||
        code === "ERR_DEFENDER_UNAUTHORIZED" ||
        code === "ERR_DEFENDER_FORBIDDEN" ||
        code === "ERR_DEFENDER_NO_CREDENTIAL" ||
        code === "ERR_DEFENDER_SIGN_IN"
    );
}
