import { isFinal, type MachineAction } from "../model/machine-action.ts";
import type { CancelContext, CancellationResult } from "./cancel-context.ts";
import type { CancellationTarget } from "./cancellation-target.ts";
import { runCancellation } from "./run-cancellation.ts";

/** Callbacks that follow a long run. */
export interface CancelWatch {
    /** The first cancel request of this run for the action was answered, or its answer was lost. */
    requested(machineActionId: string): void;
    /** The cancellation has its result. */
    ended(result: CancellationResult): void;
}

/**
 * Cancels machine actions. Reads each action, sends a cancel request where the action is not final, and reads until the
 * final status is proven. The requests are sent in the order of `byUrgency`. Attempts every action. Never rejects.
 */
export async function cancelMachineActions(
    targets: readonly CancellationTarget[],
    context: CancelContext,
    watch: CancelWatch = { requested() {}, ended() {} },
): Promise<CancellationResult[]> {
    const { requested, ended } = unfailing(watch);
    const readings = await readAll(targets, context);
    const actions = readings.flatMap((reading) => (reading && !isFinal(reading.action.status) ? reading.action : []));
    const isRanked = rankBeforeSending(actions, context);
    return Promise.all(
        targets.map(async (target, index) => {
            const observation = readings[index];
            if (observation?.action.status !== "InProgress") {
                await isRanked;
            }
            const result = await withActionLock({ ...target, observation }, context, requested);
            ended(result);
            return result;
        }),
    );
}

/** A callback that throws must not stop the run, because a record that is not stored yet would be lost. */
function unfailing(watch: CancelWatch): CancelWatch {
    const attempt = (tell: () => void) => {
        try {
            tell();
        } catch {
            // The run continues without this callback.
        }
    };
    return {
        requested: (machineActionId) => attempt(() => watch.requested(machineActionId)),
        ended: (result) => attempt(() => watch.ended(result)),
    };
}

/** Reads each action once, to rank them. If a reading fails, the cancellation itself reads again. */
async function readAll(targets: readonly CancellationTarget[], { observer }: CancelContext) {
    if (targets.length === 1) {
        return targets.map(({ observation }) => observation);
    }
    return Promise.all(
        targets.map(async ({ machineActionId, earlier, observation }) => {
            return observation ?? (await observer.readRecent(machineActionId, earlier).catch(() => undefined));
        }),
    );
}

/** Reads the machines of many actions in few lists. Actions that are InProgress do not wait for this. */
async function rankBeforeSending(actions: readonly MachineAction[], { guard, lastSeen }: CancelContext): Promise<void> {
    const pending = actions.filter(({ status }) => status !== "InProgress");
    await Promise.all([guard.prefetch(actions), pending.length > 1 ? lastSeen.load(pending) : undefined]);
}

/** Reads until the final status is proven, or `withinMs` have passed. Sends nothing; never rejects. */
export function confirmCancellations(
    targets: readonly CancellationTarget[],
    context: CancelContext,
    withinMs: number,
): Promise<CancellationResult[]> {
    return Promise.all(targets.map((target) => runCancellation(target, context, withinMs)));
}

const running = new WeakMap<CancelContext, Map<string, Promise<CancellationResult>>>();

/** Two resources may declare the same action. The second waits for the first, then reads and finds it cancelled. */
function withActionLock(
    target: CancellationTarget,
    context: CancelContext,
    onRequest: CancelWatch["requested"],
): Promise<CancellationResult> {
    const ofContext = running.get(context) ?? new Map<string, Promise<CancellationResult>>();
    running.set(context, ofContext);
    const { machineActionId } = target;
    const before = ofContext.get(machineActionId);
    const run = (before ?? Promise.resolve(undefined)).then((first) =>
        runCancellation(first ? { ...target, observation: undefined } : target, context, undefined, onRequest),
    );
    ofContext.set(machineActionId, run);
    return run.finally(() => {
        // Remove the result once no call waits for it, because a result takes several kilobytes.
        if (ofContext.get(machineActionId) === run) {
            ofContext.delete(machineActionId);
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
    await running.get(context)?.get(machineActionId);
}
