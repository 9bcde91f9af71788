import { whyNotFound } from "../cancel/cancel-failures.ts";
import { describeRefusals, howToApprove, isApprovable } from "../guard/guard-errors.ts";
import { DefenderError, errorLine } from "../model/errors.ts";
import { describeAction, describeDetails, type MachineAction, reversalOf } from "../model/machine-action.ts";
import { describeUnresolved } from "../reissues/detect.ts";
import type { DeclaredCancellation } from "../schema/declared-cancellation.ts";
import { momentOf, readableTime } from "../system/clock.ts";
import { shortText } from "../text/sanitize.ts";
import { withCode } from "./plan-code.ts";
import type { PlanKind, PlannedCancellation, PlannedReissues } from "./planned-cancellation.ts";

/** The words for each kind of plan. Its line begins with them, and a set uses them to count its entries. */
export const planWords: Readonly<Record<PlanKind, string>> = {
    cancel: "would cancel",
    alreadyCancelled: "already cancelled",
    expired: "expired",
    tooLate: "too late",
    notFound: "not found",
    unexpected: "expectation differs",
    pastNotAfter: "notAfter has passed",
    refused: "refused by the guard",
    reissued: "issued again",
    notKnown: "not known in this preview",
    hookRemoved: "cannot be judged",
    providerReplaced: "refused",
    couldNotLook: "could not look",
};

/** A plan in one line. If `up` would fail, the line ends with the code of its error. */
export function describePlan(plan: PlannedCancellation): string {
    return withCode(
        [
            describeKind(plan),
            ...(plan.reissued ? [describeKind(plan.reissued)] : []),
            ...(plan.unknownInputs ? [describeKind({ kind: "notKnown", inputs: plan.unknownInputs })] : []),
        ].join("; "),
        plan,
    );
}

/** The plan of an action that the API does not have, with its id and what is declared of it. */
export function describeNotFound(
    plan: Extract<PlannedCancellation, { kind: "notFound" }>,
    { machineActionId, expect = {} }: Pick<DeclaredCancellation, "machineActionId" | "expect">,
): string {
    const declared = expect.computerDnsName || expect.machineId ? ` (${describeAction(expect)})` : "";
    const subject = `machine action ${machineActionId}${declared}`;
    return withCode(`${planWords.notFound}: ${subject}: ${whyNotFound(plan.tenantId, "it")}`, plan);
}

/**
 * Why `up` would fail for an action, in words that are the same for all actions with this cause; undefined where each
 * action has words of its own.
 */
export function describeCause(plan: PlannedCancellation): string | undefined {
    if (plan.reissued || plan.unknownInputs) {
        return undefined;
    }
    const words = causeInWords(plan);
    return words && withCode(words, plan);
}

/** A cause that does not depend on the action. */
export interface SharedCause {
    /** The whole cause; equal for all resources that have it. */
    readonly text: string;
    /** The words of the plan's kind. */
    readonly words: string;
    readonly code: string | undefined;
    /** What a reader checks in each resource with this cause; undefined if the cause is about no action. */
    readonly subject?: string;
}

/** The cause that several resources of a preview may have; undefined where the plan is about its action. */
export function sharedCause(plan: PlannedCancellation): SharedCause | undefined {
    const isShared =
        plan.kind === "couldNotLook" ||
        plan.kind === "notFound" ||
        plan.kind === "pastNotAfter" ||
        (plan.kind === "refused" && plan.guard instanceof DefenderError);
    const text = isShared ? describeCause(plan) : undefined;
    // The cause begins with our own words, and names its code before anything that a server said.
    return text === undefined
        ? undefined
        : { text, words: planWords[plan.kind], code: /ERR_DEFENDER_[A-Z_]+/.exec(text)?.[0] };
}

function causeInWords(plan: PlannedCancellation): string | undefined {
    const words = planWords[plan.kind];
    switch (plan.kind) {
        case "tooLate":
            return `${words}: ${plan.action.status}; ${reversalOf(plan.action.type)}`;
        case "pastNotAfter":
            return `${words} (${readableTime(plan.notAfter)}): have a later one approved if these are still wanted`;
        case "unexpected":
            return `${words}: ${plan.differences}`;
        case "refused":
            return plan.guard instanceof DefenderError
                ? `${words}: ${plan.guard.code}: ${plan.guard.reason}`
                : `${words}: ${describeRefusals(plan.guard.refusals)}`;
        case "notFound":
            return `${words}: ${whyNotFound(plan.tenantId)}`;
        case "couldNotLook":
            return `${words}: ${plan.cause ?? plan.why}`;
        case "hookRemoved":
        case "providerReplaced":
            return describeKind(plan);
        default:
            return undefined;
    }
}

/** How to approve the refused actions; undefined where no approval can lift a refusal. `digest`: of all these plans. */
export function describeApproval(plans: readonly PlannedCancellation[], digest: string): string | undefined {
    const evaluations = plans.flatMap((plan) =>
        (plan.kind === "cancel" || plan.kind === "refused") && plan.guard && !(plan.guard instanceof DefenderError)
            ? [plan.guard]
            : [],
    );
    return evaluations.some(({ refusals }) => isApprovable(refusals))
        ? howToApprove(
              digest,
              evaluations.flatMap(({ pairs }) => pairs),
          )
        : undefined;
}

function describeKind(plan: PlannedCancellation): string {
    const words = planWords[plan.kind];
    switch (plan.kind) {
        case "cancel": {
            const lifted = plan.guard?.lifted ?? [];
            const approved = lifted.length > 0 ? `; protected, and approved (${describeRefusals(lifted)})` : "";
            return `${words}: ${describeOpen(plan)}${approved}`;
        }
        case "refused": {
            const { guard } = plan;
            const why = guard instanceof DefenderError ? errorLine(guard) : describeRefusals(guard.refusals);
            return `${words}: ${describeOpen(plan)}; ${why}`;
        }
        case "pastNotAfter":
            return `${words} (${readableTime(plan.notAfter)}): would not cancel ${describeOpen(plan)}`;
        case "alreadyCancelled": {
            const { cancellationRequestor, cancellationDateTimeUtc } = plan.action;
            const how = `${by(cancellationRequestor)}${at(cancellationDateTimeUtc)}`;
            return `${words}: ${describeAction(plan.action)}${how}${describeDetails(plan.action)}`;
        }
        case "expired":
            return `${words}: ${describeAction(plan.action)} timed out and never reached the machine${describeDetails(plan.action)}`;
        case "tooLate": {
            const { status, type, lastUpdateDateTimeUtc } = plan.action;
            const how = `${status}${at(lastUpdateDateTimeUtc)}; ${reversalOf(type)}`;
            return `${words}: ${describeAction(plan.action)} ${how}${describeDetails(plan.action)}`;
        }
        case "unexpected":
            return `${words}: ${describeAction(plan.action)}: ${plan.differences}${describeDetails(plan.action)}`;
        case "reissued":
            return describeReissues(plan);
        case "notFound":
            return `${words}: ${whyNotFound(plan.tenantId, "it")}`;
        case "couldNotLook":
            return `${words}: ${plan.why}`;
        case "notKnown":
            return `${words}: ${plan.inputs.join(", ")}`;
        case "hookRemoved":
            return (
                `${words}: its preview hook was removed, so the preview does not see the registered inputs. A transform ` +
                "that returns options must keep their hooks"
            );
        case "providerReplaced":
            return `${words}: a transform replaced the text by which state names this package (__provider)`;
    }
}

function describeReissues({ kind, repair, unresolved, unlisted = 0, stored }: PlannedReissues): string {
    const words = planWords[kind];
    const all = { listed: unresolved, unlisted, count: unresolved.length + unlisted };
    const left = describeUnresolved(all, stored);
    return [
        ...(repair ? [`${words} as ${repair.id}: ${describePlan(repair.plan)}`] : []),
        ...(left === undefined ? [] : [`${words}: up will fail: ${left}`]),
    ].join("; ");
}

/** Describes an action that is not final: type, machine, status, age, requestor and comment. */
function describeOpen({ action, now }: { readonly action: MachineAction; readonly now: number }): string {
    const { status, requestor, requestorComment, creationDateTimeUtc } = action;
    const comment = requestorComment ? ` ("${shortText(requestorComment, 80)}")` : "";
    const since = age(creationDateTimeUtc, now);
    return `${describeAction(action)}, ${status}${since}, requested${by(requestor)}${comment}${describeDetails(action)}`;
}

function by(requestor: string | undefined): string {
    return ` by ${requestor ? shortText(requestor, 80) : "an unknown requestor"}`;
}

function at(time: string | undefined): string {
    return time ? ` at ${readableTime(time)}` : "";
}

function age(creation: string | undefined, now: number): string {
    const minutes = Math.floor((now - momentOf(creation)) / 60_000);
    if (Number.isNaN(minutes)) {
        return "";
    }
    if (minutes < 1) {
        return ", created just now";
    }
    return ` for ${minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`}`;
}
