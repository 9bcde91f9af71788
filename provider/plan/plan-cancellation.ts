import type { CancelContext } from "../cancel/cancel-context.ts";
import { asDefenderError, isNotFound } from "../cancel/cancel-failures.ts";
import { type CancellationTarget, declaredTarget } from "../cancel/cancellation-target.ts";
import { differences } from "../cancel/expectations.ts";
import { tenantOf } from "../cancel/run-cancellation.ts";
import type { MachineReader } from "../machines/machine-reader.ts";
import { DefenderError, errorLine } from "../model/errors.ts";
import type { MachineAction } from "../model/machine-action.ts";
import { isProvenAsAccepted } from "../model/outputs.ts";
import { createDeclaredActions, type DeclaredActions } from "../reissues/declared-actions.ts";
import { readReissuesAgain, unresolvedReissues, withoutDeclared } from "../reissues/detect.ts";
import { openReissues } from "../reissues/recorded-reissues.ts";
import { expectAgain, mayCancel } from "../reissues/repair.ts";
import type { DeclaredCancellation } from "../schema/declared-cancellation.ts";
import type { Expectation } from "../schema/input-rules.ts";
import { nothingStored, type StoredCancellation } from "../schema/stored-cancellation.ts";
import { shortText } from "../text/sanitize.ts";
import type { PlannedAction, PlannedCancellation, PlannedReissues } from "./planned-cancellation.ts";

/** The dependencies of a plan. */
export interface PlanContext extends CancelContext {
    readonly machines: MachineReader;
}

/** One declared cancellation, and its record in the state. */
export interface PlanInput {
    /** The declaration, from the inputs that the preview knows. */
    readonly declared: DeclaredCancellation;
    /** The paths of the inputs that the preview does not know. */
    readonly unknown: readonly string[];
    /** Whether the guard can be evaluated: false where an input that its rules use is not known. */
    readonly isKnown: boolean;
    readonly stored: StoredCancellation;
    /** The digest of the whole declaration, where the action is one of several. */
    readonly digest?: string;
    /** The actions that the stack declares, as far as the preview knows them. */
    readonly siblings?: DeclaredActions;
}

/**
 * Plans what `up` would do with the action and with its re-issues. Never rejects. `explain` describes why an action
 * could not be read.
 */
export async function planCancellation(
    input: PlanInput,
    context: PlanContext,
    explain: (error: unknown) => string,
): Promise<PlannedCancellation> {
    try {
        const plan = await planWithReissues(input, context);
        return input.unknown.length === 0 ? plan : { ...plan, unknownInputs: input.unknown };
    } catch (error) {
        if (isNotFound(error)) {
            return { kind: "notFound", tenantId: await tenantOf(context) };
        }
        const failure = asDefenderError(error, input.declared.machineActionId);
        const why = explain(failure);
        // An explanation of its own names no action.
        return why === errorLine(failure)
            ? { kind: "couldNotLook", why, cause: `${failure.code}: ${failure.reason}` }
            : { kind: "couldNotLook", why };
    }
}

async function planWithReissues(input: PlanInput, context: PlanContext): Promise<PlannedCancellation> {
    const { declared, stored, isKnown, digest } = input;
    const target = declaredTarget(declared, nothingStored, digest);
    const reissued = await planReissues(target, input, context);
    // `up` leaves a proven cancellation as it is, and acts only on its re-issues.
    if (reissued && isProvenAsAccepted(stored, declared)) {
        return reissued;
    }
    const plan = await planAction(target, isKnown, context);
    return reissued ? { ...plan, reissued } : plan;
}

/** Plans what `up` would do about the re-issues in the state; undefined where all of them are resolved. */
async function planReissues(
    target: CancellationTarget,
    { stored, declared, isKnown, siblings = createDeclaredActions() }: PlanInput,
    context: PlanContext,
): Promise<PlannedReissues | undefined> {
    if (unresolvedReissues(stored, declared, siblings).count === 0) {
        return undefined;
    }
    const known = withoutDeclared(stored.reissues, declared, siblings);
    const open = openReissues(await readReissuesAgain(known, context));
    const unlisted = stored.reissueCounts?.unlistedOpen ?? 0;
    // At most one for each resource and run, as in `up`.
    const chosen = open.find((reissue) => mayCancel(reissue, declared, context));
    const unresolved = open.filter((reissue) => reissue !== chosen);
    if (!chosen) {
        return unresolved.length + unlisted > 0 ? { kind: "reissued", unresolved, unlisted, stored } : undefined;
    }
    const again: CancellationTarget = {
        ...target,
        machineActionId: chosen.id,
        ifAlreadyFinal: "fail",
        declaredExpect: target.expect,
        expect: expectAgain(stored, chosen),
    };
    const plan = await planAction(again, isKnown, context);
    return { kind: "reissued", repair: { id: chosen.id, plan }, unresolved, unlisted, stored };
}

/**
 * Reads one action, and its machine where a cancel request would be sent. `isKnown`: whether the guard can be
 * evaluated, because the preview knows all inputs that the rules use. Rejects where the action cannot be read.
 */
export async function planAction(
    target: CancellationTarget,
    isKnown: boolean,
    context: PlanContext,
): Promise<PlannedAction> {
    const { action, date } = await context.observer.read(target.machineActionId);
    const now = Math.max(context.clock.now(), Date.parse(date ?? "") || 0);
    const plan = planObserved(action, target, now);
    if (plan.kind !== "cancel") {
        return plan;
    }
    const { notAfter, digest, declaredExpect: expect = target.expect } = target;
    const [facts, guard] = await Promise.all([
        context.machines.factsOf(action.machineId),
        isKnown ? context.guard.evaluate({ action, expect, notAfter, digest }).catch(asUnusable) : undefined,
    ]);
    const machine = { name: shortText(action.computerDnsName ?? action.machineId ?? action.id, 100), facts };
    return guard instanceof DefenderError || (guard && guard.refusals.length > 0)
        ? { kind: "refused", action, now, machine, guard }
        : { ...plan, machine, guard };
}

/** Returns the error of a guard that cannot be used, because `up` would then send nothing. Rethrows any other error. */
function asUnusable(error: unknown): DefenderError {
    if (error instanceof DefenderError && error.code === "ERR_DEFENDER_GUARD") {
        return error;
    }
    throw error;
}

/** The part of the declaration that decides on the action. */
export interface ActionPolicy {
    readonly ifAlreadyFinal: "fail" | "accept";
    readonly expect: Expectation | undefined;
    /** Milliseconds since the epoch. */
    readonly notAfter: number | undefined;
}

/**
 * Plans what `up` would do with an action that was read, before the guard is evaluated. Pure. `now`: the later of our
 * clock and the API's, in milliseconds since the epoch.
 */
export function planObserved(action: MachineAction, policy: ActionPolicy, now: number): PlannedAction {
    const differs = differences(action, policy.expect);
    if (differs !== undefined) {
        return { kind: "unexpected", action, differences: differs };
    }
    switch (action.status) {
        case "Cancelled":
            return { kind: "alreadyCancelled", action };
        case "TimeOut":
            return { kind: "expired", action };
        case "Succeeded":
        case "Failed":
            return { kind: "tooLate", action, isAccepted: policy.ifAlreadyFinal === "accept" };
    }
    const { notAfter } = policy;
    return notAfter !== undefined && now > notAfter
        ? { kind: "pastNotAfter", action, now, notAfter }
        : { kind: "cancel", action, now };
}
