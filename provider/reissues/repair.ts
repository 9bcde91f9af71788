import { cancelMachineActions, onlyResult } from "../cancel/cancel.ts";
import type { CancelContext } from "../cancel/cancel-context.ts";
import { asDefenderError } from "../cancel/cancel-failures.ts";
import { type CancellationTarget, declaredTarget } from "../cancel/cancellation-target.ts";
import { refuseUnexpected } from "../cancel/expectations.ts";
import { DefenderError } from "../model/errors.ts";
import { describeAction, isFinal, type KnownAction, type MachineAction } from "../model/machine-action.ts";
import type { RecordedReissues, Reissue } from "../model/reissue.ts";
import type { DeclaredCancellation } from "../schema/declared-cancellation.ts";
import type { Expectation } from "../schema/input-rules.ts";
import { requestState, type StoredCancellation } from "../schema/stored-cancellation.ts";
import { momentOf } from "../system/clock.ts";
import type { DeclaredActions } from "./declared-actions.ts";
import {
    describeUnresolved,
    detectReissues,
    readReissuesAgain,
    unresolvedReissues,
    withoutDeclared,
} from "./detect.ts";
import { mergeReissues, openReissues } from "./recorded-reissues.ts";
import { isIssuedAgain } from "./reissue.ts";

/** The result of the repair, in which `up` handles the re-issues of one resource. */
export interface ReissueRepair extends RecordedReissues {
    /** Whether a cancel request was sent, so that its record must be stored. */
    readonly hasSent: boolean;
    readonly failure: DefenderError | undefined;
}

/**
 * Repairs the open re-issues according to `onReissue`. Cancels at most one of them, if the declaration and the guard
 * allow it. Returns a failure while any re-issue is unresolved. `target`: its digest covers the whole declaration,
 * which may declare other actions too.
 */
export async function repairReissues(
    stored: StoredCancellation,
    declared: DeclaredCancellation,
    context: CancelContext,
    siblings: DeclaredActions,
    target: CancellationTarget = declaredTarget(declared),
): Promise<ReissueRepair> {
    // An earlier reading may have counted actions that the stack declares, because it did not know all of the stack's
    // actions yet.
    const isCounted = (stored.reissueCounts?.unlistedOpen ?? 0) > 0;
    const current = isCounted ? await detectReissues(stored, declared, context, siblings) : stored;
    const known = withoutDeclared(current.reissues, declared, siblings);
    const seen = await readReissuesAgain(known, context);
    const chosen = openReissues(seen).find((reissue) => mayCancel(reissue, declared, context));
    const [repaired, failure] = chosen ? await cancelReissue(chosen, target, context) : [];
    const reissues = repaired ? mergeReissues(seen, [repaired]) : seen;
    const recorded = { reissues, reissueCounts: current.reissueCounts };
    const left = describeUnresolved(unresolvedReissues(recorded, declared, siblings), stored);
    return {
        ...recorded,
        hasSent: repaired?.requestedAtUtc !== undefined,
        failure: failure ?? (left === undefined ? undefined : stillThere(left, stored, declared)),
    };
}

/**
 * Whether the declaration allows `up` to cancel this re-issue: not after `notAfter`, and only if the re-issue has the
 * expected requestor.
 */
export function mayCancel(
    { requestor, status }: Reissue,
    { expect, notAfter, onReissue }: DeclaredCancellation,
    { clock, stop }: Pick<CancelContext, "clock" | "stop">,
): boolean {
    const expected = expect?.requestor;
    return (
        onReissue === "cancel" &&
        !isFinal(status) &&
        !stop.aborted &&
        notAfter !== undefined &&
        clock.now() <= Date.parse(notAfter) &&
        expected !== undefined &&
        expected.toLowerCase() === requestor?.toLowerCase()
    );
}

/**
 * Cancels a re-issue that the state names. State is untrusted input, so the cancelled action and its re-issue are both
 * read first. Nothing is sent unless the cancelled action matches `expect`, and the reading confirms the re-issue.
 */
async function cancelReissue(
    reissue: Reissue,
    declared: CancellationTarget,
    context: CancelContext,
): Promise<readonly [Reissue | undefined, DefenderError | undefined]> {
    try {
        const [own, later] = await Promise.all([
            context.observer.read(declared.machineActionId),
            context.observer.read(reissue.id),
        ]);
        refuseUnexpected(own.action, declared.expect);
        refuseStranger(own.action, later.action);
        const { type, machineId } = own.action;
        const { requestedAtUtc: requested, confirmedAtUtc: confirmed } = reissue;
        const target: CancellationTarget = {
            ...declared,
            machineActionId: reissue.id,
            ifAlreadyFinal: "fail",
            declaredExpect: declared.expect,
            expect: expectAgain(own.action, reissue),
            record: {
                requestedAtUtc: requested,
                confirmedAtUtc: confirmed,
                request: requestState(requested !== undefined, confirmed !== undefined),
            },
            earlier: { status: reissue.status, type, machineId },
            observation: later,
        };
        const { action, record, failure } = onlyResult(await cancelMachineActions([target], context));
        const { requestedAtUtc, confirmedAtUtc } = record;
        return [{ ...reissue, status: action?.status ?? reissue.status, requestedAtUtc, confirmedAtUtc }, failure];
    } catch (error) {
        return [undefined, asDefenderError(error, reissue.id)];
    }
}

/** The expectation for a re-issue: the same type and machine, and the requestor in the record. */
export function expectAgain(
    { type, machineId }: Pick<KnownAction, "type" | "machineId">,
    { requestor }: Pick<Reissue, "requestor">,
): Expectation {
    return {
        ...(type === undefined ? {} : { type }),
        ...(machineId === undefined ? {} : { machineId }),
        ...(requestor === undefined ? {} : { requestor }),
    };
}

/** Throws if `later` is not a re-issue of `own`, or if the readings do not show whether it is. */
function refuseStranger(own: MachineAction, later: MachineAction): void {
    const { id, type, machineId, creationDateTimeUtc } = own;
    const told = [own, later].flatMap((one) => [one.type, one.machineId, one.creationDateTimeUtc]);
    if (type === undefined || machineId === undefined || told.includes(undefined)) {
        throw new DefenderError(
            "ERR_DEFENDER_RESPONSE",
            `the API does not return the type, machine and age of machine actions ${id} and ${later.id}, so this ` +
                "package cannot determine whether one re-issues the other. Nothing was sent",
            { machineActionId: later.id },
        );
    }
    if (!isIssuedAgain({ id, type, machineId, createdAt: momentOf(creationDateTimeUtc) }, later)) {
        throw new DefenderError(
            "ERR_DEFENDER_STATE",
            `the state of machine action ${id} (${describeAction(own)}) names ${later.id} as its re-issue, but it is ` +
                `not one: ${describeAction(later)}. Nothing was sent. Restore the previous state`,
            { machineActionId: id },
        );
    }
}

function stillThere(
    left: string,
    stored: StoredCancellation,
    { machineActionId }: DeclaredCancellation,
): DefenderError {
    const what = `machine action ${machineActionId} (${describeAction(stored)})`;
    const advice =
        "If the new action is wrong, stop its source and declare its id as a cancellation of its own. If it is right, " +
        'for example because attack disruption isolated the machine, set onReissue: "ignore" or remove this declaration';
    return new DefenderError("ERR_DEFENDER_REISSUED", `${what} stays Cancelled, but: ${left}. ${advice}`, {
        machineActionId,
    });
}
