import type { DefenderClient } from "../api/defender-client.ts";
import type { Clock } from "../clock.ts";
import type { DefenderError } from "../errors.ts";
import type { Guard } from "../guard/guard.ts";
import type { MachineAction } from "../machine-action.ts";
import type { CancellationRecord } from "../outputs.ts";
import type { RunIdentity } from "./cancel-record.ts";
import type { CancellationTarget } from "./cancellation-target.ts";
import type { Observer } from "./observer.ts";
import type { Poller } from "./poller.ts";
import { pursue } from "./pursue.ts";
import type { SendGate } from "./send-gate.ts";

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
    /** Reads what waits for its end. */
    readonly poller: Poller;
    /** Where cancel requests wait for their turn. */
    readonly gate: SendGate;
    /** Asked before every cancel request. */
    readonly guard: Guard;
    /** Sends one cancel request. */
    readonly send: DefenderClient["cancel"];
    /** Who sends, for the evidence. */
    readonly identify: () => Promise<RunIdentity>;
    readonly clock: Clock;
    /** Aborted when the run shall stop: nothing more is sent, what is under way is finished. */
    readonly stop: AbortSignal;
    /** How long a 404 of an action that was never seen is waited out, in milliseconds. */
    readonly visibilityMs: number;
    /** How long so many requests take at the quota's pace, in milliseconds. */
    readonly paceMs: (requests: number) => number;
}

/** Who follows a long run. */
export interface CancelWatch {
    /** The first cancel request of this run for the action was answered, or its answer was lost. */
    requested(machineActionId: string): void;
    /** Its result is known. */
    ended(result: CancellationResult): void;
}

/**
 * Cancels machine actions: observes each, sends a cancel request where it is not final, and reads until the final
 * status is proven. Those that are about to run come first: InProgress before the others, newest first. Every action
 * is attempted; never rejects.
 */
export async function cancelMachineActions(
    targets: readonly CancellationTarget[],
    context: CancelContext,
    watch: CancelWatch = { requested() {}, ended() {} },
): Promise<CancellationResult[]> {
    const looks = await lookAtAll(targets, context);
    await context.guard.prepare(looks.flatMap((look) => look?.action ?? []));
    return Promise.all(
        targets.map(async (target, index) => {
            const result = await inTurn({ ...target, sighting: looks[index] }, context, watch.requested);
            watch.ended(result);
            return result;
        }),
    );
}

/** What one look at each shows, to rank them by; one that fails is made again by whoever pursues the action. */
async function lookAtAll(targets: readonly CancellationTarget[], { observer }: CancelContext) {
    if (targets.length === 1) {
        return targets.map(({ sighting }) => sighting);
    }
    return Promise.all(
        targets.map(async ({ machineActionId, earlier, sighting }) => {
            return sighting ?? (await observer.glance(machineActionId, earlier).catch(() => undefined));
        }),
    );
}

/** Reads until the final status is proven, or `withinMs` have passed. Sends nothing; never rejects. */
export function confirmCancellations(
    targets: readonly CancellationTarget[],
    context: CancelContext,
    withinMs: number,
): Promise<CancellationResult[]> {
    return Promise.all(targets.map((target) => pursue(target, context, withinMs)));
}

const turns = new WeakMap<CancelContext, Map<string, Promise<CancellationResult>>>();

/** Two resources may declare the same action: the second looks when the first is done, and finds it cancelled. */
function inTurn(
    target: CancellationTarget,
    context: CancelContext,
    onRequest: CancelWatch["requested"],
): Promise<CancellationResult> {
    const running = turns.get(context) ?? new Map<string, Promise<CancellationResult>>();
    turns.set(context, running);
    const { machineActionId } = target;
    const before = running.get(machineActionId);
    const turn = (before ?? Promise.resolve()).then(() =>
        pursue(before ? { ...target, sighting: undefined } : target, context, undefined, onRequest),
    );
    running.set(machineActionId, turn);
    return turn.finally(() => {
        // Kept no longer than it is waited for: a result is some kilobytes.
        if (running.get(machineActionId) === turn) {
            running.delete(machineActionId);
        }
    });
}

/** The result of one target. */
export function onlyResult([result]: readonly CancellationResult[]): CancellationResult {
    if (!result) {
        throw new Error("the cancel core gave no result");
    }
    return result;
}

/** Resolves when no cancellation of this action is under way in this process. */
export async function turnIsOver(machineActionId: string, context: CancelContext): Promise<void> {
    await turns.get(context)?.get(machineActionId);
}
