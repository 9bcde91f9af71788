import { type CancelContext, cancelMachineActions } from "./cancel/cancel.ts";
import type { CancellationTarget } from "./cancel/cancellation-target.ts";
import { declaredTarget, textOf } from "./declared-target.ts";
import { DefenderError } from "./errors.ts";
import { describeAction, isFinal, type MachineAction } from "./machine-action.ts";
import { lookAgain } from "./reissue-watch.ts";
import { describeReissue, mergeReissues, openReissues, type Reissue, storedReissues } from "./reissues.ts";

type Properties = Readonly<Record<string, unknown>>;

/** What `up` made of the re-issues of one resource. */
export interface ReissueRepair {
    readonly reissues: readonly Reissue[];
    /** Whether a cancel request was sent, so that there is something to keep. */
    readonly hasSent: boolean;
    readonly failure: DefenderError | undefined;
}

/**
 * Deals with the re-issues that stand, as `onReissue` says: cancels at most one of them, where all fences allow it, and
 * fails while any is left. `declared`: what the declaration asks for, where it is more than these inputs.
 */
export async function repairReissues(
    outputs: Properties,
    inputs: Properties,
    context: CancelContext,
    declared: CancellationTarget = declaredTarget(String(inputs.machineActionId), inputs, {}),
): Promise<ReissueRepair> {
    const seen = await lookAgain(storedReissues(outputs), context);
    const chosen = openReissues(seen).find((reissue) => mayCancel(reissue, inputs, context));
    const [repaired, failure] = chosen ? await cancelReissue(chosen, outputs, declared, context) : [];
    const reissues = repaired ? mergeReissues(seen, [repaired]) : seen;
    const left = openReissues(reissues);
    return {
        reissues,
        hasSent: repaired?.requestedAtUtc !== undefined,
        failure: failure ?? (left.length > 0 ? stillThere(left, outputs, inputs) : undefined),
    };
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
    declared: CancellationTarget,
    context: CancelContext,
): Promise<readonly [Reissue, DefenderError | undefined]> {
    const [type, machineId, requestor] = [textOf(outputs.type), textOf(outputs.machineId), reissue.requestor];
    const [result] = await cancelMachineActions(
        [
            {
                ...declared,
                machineActionId: reissue.id,
                ifAlreadyFinal: "fail",
                declaredExpect: declared.expect,
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
