import type { Sighting } from "./api/defender-client.ts";
import { type CancelContext, cancelMachineActions, turnIsOver } from "./cancel/cancel.ts";
import { defaultReissueWindowHours } from "./declaration.ts";
import { declaredTarget, numberOf, textOf } from "./declared-target.ts";
import { DefenderError } from "./errors.ts";
import { describeAction, isFinal, type MachineAction } from "./machine-action.ts";
import {
    describeReissue,
    mergeReissues,
    openReissues,
    type Reissue,
    reissuesAmong,
    storedReissues,
    watchOf,
} from "./reissues.ts";

type Properties = Readonly<Record<string, unknown>>;

/** What a look for re-issues brought. */
export interface ReissueLook {
    /** Those known now. */
    readonly reissues: readonly Reissue[];
    /** The cancelled action itself, as the same list showed it. */
    readonly sighting?: Sighting | undefined;
    /** Why nobody could look, in words. */
    readonly unseen?: string | undefined;
}

/** Looks for re-issues of one cancelled action, by what is stored of it. Never rejects. */
export async function lookForReissues(
    outputs: Properties,
    inputs: Properties,
    context: CancelContext,
): Promise<ReissueLook> {
    const stored = storedReissues(outputs);
    const hours = numberOf(inputs.reissueWindowHours) ?? defaultReissueWindowHours;
    const watched = watchOf({ ...outputs, machineActionId: inputs.machineActionId }, hours, context.clock.now());
    if (watched === undefined) {
        // Nothing new counts any more; what is recorded goes on.
        return { reissues: await lookAgain(stored, context) };
    }
    const about = `re-issues of machine action ${inputs.machineActionId} cannot be looked for: `;
    if (typeof watched === "string") {
        return { reissues: stored, unseen: about + watched };
    }
    const around = await context.observer.lookAround(watched);
    if (!around.sighting) {
        return { reissues: stored, unseen: about + around.because };
    }
    return { reissues: mergeReissues(stored, reissuesAmong(watched, around.onMachine)), sighting: around.sighting };
}

/** The re-issues that the declaration does not let pass. */
export function standingReissues(outputs: Properties, inputs: Properties): Reissue[] {
    return inputs.onReissue === "ignore" ? [] : openReissues(storedReissues(outputs));
}

/** What `up` made of the re-issues of one resource. */
export interface ReissueRepair {
    readonly reissues: readonly Reissue[];
    /** Whether a cancel request was sent, so that there is something to keep. */
    readonly hasSent: boolean;
    readonly failure: DefenderError | undefined;
}

/**
 * Deals with the re-issues that stand, as `onReissue` says: cancels at most one of them, where all fences allow it, and
 * fails while any is left.
 */
export async function repairReissues(
    outputs: Properties,
    inputs: Properties,
    context: CancelContext,
): Promise<ReissueRepair> {
    const seen = await lookAgain(storedReissues(outputs), context);
    const chosen = openReissues(seen).find((reissue) => mayCancel(reissue, inputs, context));
    const [repaired, failure] = chosen ? await cancelReissue(chosen, outputs, inputs, context) : [];
    const reissues = repaired ? mergeReissues(seen, [repaired]) : seen;
    const left = openReissues(reissues);
    return {
        reissues,
        hasSent: repaired?.requestedAtUtc !== undefined,
        failure: failure ?? (left.length > 0 ? stillThere(left, outputs, inputs) : undefined),
    };
}

/** Reads those that stand: another resource of the run may have cancelled them, or they ended. Never rejects. */
async function lookAgain(reissues: readonly Reissue[], context: CancelContext): Promise<Reissue[]> {
    return Promise.all(
        reissues.map(async (reissue) => {
            if (openReissues([reissue]).length === 0) {
                return reissue;
            }
            await turnIsOver(reissue.id, context);
            const sighting = await context.observer.observe(reissue.id).catch(() => undefined);
            return sighting ? { ...reissue, status: sighting.action.status } : reissue;
        }),
    );
}

/** Only what the declaration names: before its time limit, and issued by the requestor that it expects. */
function mayCancel({ requestor, status }: Reissue, inputs: Properties, { clock, stop }: CancelContext): boolean {
    const { expect, notAfter, onReissue } = inputs;
    const expected = textOf((expect as Properties | undefined)?.requestor);
    return (
        onReissue === "cancel" &&
        !isFinal(status) &&
        !stop.aborted &&
        typeof notAfter === "string" &&
        clock.now() <= Date.parse(notAfter) &&
        expected !== undefined &&
        expected.toLowerCase() === requestor?.toLowerCase()
    );
}

async function cancelReissue(
    reissue: Reissue,
    outputs: Properties,
    inputs: Properties,
    context: CancelContext,
): Promise<readonly [Reissue, DefenderError | undefined]> {
    const declared = declaredTarget(String(inputs.machineActionId), inputs, {});
    const [type, machineId, requestor] = [textOf(outputs.type), textOf(outputs.machineId), reissue.requestor];
    const [result] = await cancelMachineActions(
        [
            {
                ...declared,
                machineActionId: reissue.id,
                ifAlreadyFinal: "fail",
                expect: {
                    ...(type === undefined ? {} : { type }),
                    ...(machineId === undefined ? {} : { machineId }),
                    ...(requestor === undefined ? {} : { requestor }),
                },
                record: { requestedAtUtc: reissue.requestedAtUtc, confirmedAtUtc: reissue.confirmedAtUtc },
                earlier: { status: reissue.status, type, machineId },
            },
        ],
        context,
    );
    const { requestedAtUtc, confirmedAtUtc } = result?.record ?? {};
    const repaired = { ...reissue, status: result?.action?.status ?? reissue.status, requestedAtUtc, confirmedAtUtc };
    return [repaired, result?.failure];
}

function stillThere(left: readonly Reissue[], outputs: Properties, inputs: Properties): DefenderError {
    const what = `machine action ${inputs.machineActionId} (${describeAction(outputs as unknown as MachineAction)})`;
    const advice =
        "If it is wrong, stop whoever issues it and declare the new id as a cancellation of its own. If it is right, " +
        'as when attack disruption isolated the machine, set onReissue: "ignore" or drop this declaration';
    return new DefenderError(
        "ERR_DEFENDER_REISSUED",
        `${what} stays Cancelled, but: ${left.map((reissue) => describeReissue(reissue, outputs)).join("; ")}. ${advice}`,
        { machineActionId: String(inputs.machineActionId) },
    );
}
