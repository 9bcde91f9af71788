import type { GuardEvaluation } from "../guard/guard-errors.ts";
import type { LookedAt } from "../machines/machine-notes.ts";
import type { DefenderError } from "../model/errors.ts";
import type { MachineAction } from "../model/machine-action.ts";
import type { Reissue } from "../model/reissue.ts";
import type { StoredCancellation } from "../schema/stored-cancellation.ts";

/**
 * What `up` would do with one machine action that was read. `now`: the time of the plan, milliseconds since the epoch.
 */
export type PlannedAction =
    | {
          readonly kind: "cancel";
          readonly action: MachineAction;
          readonly now: number;
          readonly machine?: LookedAt;
          /** Undefined where the guard was not evaluated. */
          readonly guard?: GuardEvaluation | undefined;
      }
    | {
          readonly kind: "refused";
          readonly action: MachineAction;
          readonly now: number;
          readonly machine: LookedAt;
          /** The evaluation that refuses it, or why the guard cannot be used. */
          readonly guard: GuardEvaluation | DefenderError;
      }
    | {
          readonly kind: "pastNotAfter";
          readonly action: MachineAction;
          readonly now: number;
          /** Milliseconds since the epoch. */
          readonly notAfter: number;
      }
    | { readonly kind: "alreadyCancelled" | "expired"; readonly action: MachineAction }
    | {
          readonly kind: "tooLate";
          readonly action: MachineAction;
          /** Whether the declaration accepts that the action ran. */
          readonly isAccepted: boolean;
      }
    | {
          readonly kind: "unexpected";
          readonly action: MachineAction;
          /** Both values of each property that differs from `expect`. */
          readonly differences: string;
      };

/** What `up` would do about the re-issues that the state records. */
export interface PlannedReissues {
    readonly kind: "reissued";
    /** The re-issue for which `up` would send a cancel request, and its plan. */
    readonly repair?: { readonly id: string; readonly plan: PlannedAction } | undefined;
    /** The re-issues that make `up` fail. */
    readonly unresolved: readonly Reissue[];
    /** The number of unresolved ones that the record does not list. */
    readonly unlisted?: number;
    /** The stored outputs of the cancelled action. */
    readonly stored: StoredCancellation;
}

/** A plan that is made without a reading of the action. */
export type UnreadPlan =
    /** The API returns no such action. `tenantId`: the tenant of the credential; undefined if it is not known. */
    | { readonly kind: "notFound"; readonly tenantId?: string | undefined }
    /** `cause`: the code and the reason without the action's own data, where the API or the sign-in gave one. */
    | { readonly kind: "couldNotLook"; readonly why: string; readonly cause?: string }
    /** The preview does not know which action it is. `inputs`: the paths of all inputs that it does not know. */
    | { readonly kind: "notKnown"; readonly inputs: readonly string[] }
    /** A transform removed the hook by which the preview receives the inputs. */
    | { readonly kind: "hookRemoved" }
    /** A transform replaced the provider text, by which the state names this package. */
    | { readonly kind: "providerReplaced" };

/** What `up` would do with a declared cancellation. `describePlan` turns it into words. */
export type PlannedCancellation = (PlannedAction | PlannedReissues | UnreadPlan) & {
    /** What `up` would do about re-issues, in addition to the action itself. */
    readonly reissued?: PlannedReissues;
    /** The paths of the inputs that the preview does not know; the plan is based on the others. */
    readonly unknownInputs?: readonly string[];
};

export type PlanKind = PlannedCancellation["kind"];

/**
 * Whether `up` would succeed. `unexpected`: the action is not what the reviewer approved. `refused`: the guard or the
 * package would refuse it. Both fail a preview that otherwise only warns.
 */
export type Verdict = "fine" | "would fail" | "unexpected" | "refused";

const fromWorst = ["refused", "unexpected", "would fail", "fine"] as const satisfies readonly Verdict[];

/** The most serious of these verdicts. */
export function worstOf(...verdicts: readonly Verdict[]): Verdict {
    return fromWorst.find((verdict) => verdicts.includes(verdict)) ?? "fine";
}

export function verdictOf(plan: PlannedCancellation): Verdict {
    return worstOf(
        verdictOfKind(plan),
        plan.reissued ? verdictOfKind(plan.reissued) : "fine",
        plan.unknownInputs ? "would fail" : "fine",
    );
}

/** Whether `up` would end with a result for the action: it is cancelled, or needs no request. */
export function hasResult(plan: PlannedCancellation): boolean {
    return plan.kind === "reissued" || verdictOfKind(plan) === "fine";
}

function verdictOfKind(plan: PlannedCancellation): Verdict {
    switch (plan.kind) {
        case "cancel":
        case "alreadyCancelled":
        case "expired":
            return "fine";
        case "tooLate":
            return plan.isAccepted ? "fine" : "would fail";
        case "unexpected":
            return "unexpected";
        case "refused":
        case "providerReplaced":
            return "refused";
        case "reissued":
            return worstOf(
                plan.unresolved.length + (plan.unlisted ?? 0) > 0 ? "would fail" : "fine",
                plan.repair ? verdictOfKind(plan.repair.plan) : "fine",
            );
        case "pastNotAfter":
        case "notFound":
        case "couldNotLook":
        case "notKnown":
        case "hookRemoved":
            return "would fail";
    }
}

/** The machine of an action for which a cancel request was planned or refused; undefined for every other plan. */
export function machineOf(plan: PlannedCancellation): LookedAt | undefined {
    return plan.kind === "cancel" || plan.kind === "refused" ? plan.machine : undefined;
}
