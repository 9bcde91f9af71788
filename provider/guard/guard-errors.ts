import { DefenderError, type DefenderErrorDetails } from "../model/errors.ts";
import { describeAction, type MachineAction } from "../model/machine-action.ts";
import { type Approval, approvalText } from "./approvals.ts";
import { isProtection, type Refusal } from "./decision.ts";

/** The result of the guard's rules for a cancellation. */
export interface GuardEvaluation {
    readonly refusals: readonly Refusal[];
    /** The refusals that an approval lifted. */
    readonly lifted: readonly Refusal[];
    /** The pairs that an approval of the whole action needs, including those that are approved already. */
    readonly pairs: readonly string[];
}

/** The rules and their reasons, in one line. */
export function describeRefusals(refusals: readonly Refusal[]): string {
    return refusals.map(({ rule, because }) => `${rule}: ${because}`).join("; ");
}

/** Whether an approval would lift all of them. */
export function isApprovable(refusals: readonly Refusal[]): boolean {
    return refusals.length > 0 && refusals.every((one) => isProtection(one) && one.pair !== undefined);
}

/** What a reader of the refusals can do. `pairs`: all pairs that an approval of this action needs. */
export function adviceFor(refusals: readonly Refusal[], digest: string, pairs: readonly string[]): string {
    return isApprovable(refusals)
        ? `${howToApprove(digest, pairs)}; for a set, the preview prints the complete value`
        : "ask the owner of the guard";
}

/** The whole value that approves these pairs of a declaration. */
export function howToApprove(digest: string, pairs: Iterable<string>): string {
    const value = approvalText(digest, pairs);
    return `if this is intended, have this declaration approved: DEFENDER_APPROVED_DIGEST=${value}`;
}

/** The request waited so long for the quota that the guard's readings of the machine and of the day are too old. */
export function outdated(machineActionId: string, ageMs: number): DefenderError {
    return new DefenderError(
        "ERR_DEFENDER_GUARD",
        `the guard evaluated machine action ${machineActionId} ${Math.round(ageMs / 60_000)} min before the quota ` +
            "allowed the request, so the machine or the count of the day may have changed. Nothing was sent. Raise " +
            "requestsPerHour and requestsPerMinute: the guard needs three calls within a minute or two",
        { machineActionId },
    );
}

/** The guard refuses a cancel request. `approval`: what would lift the refusal; undefined where no approval can. */
export class GuardRefusal extends DefenderError {
    readonly approval: Approval | undefined;

    constructor(message: string, details: DefenderErrorDetails, approval: Approval | undefined) {
        super("ERR_DEFENDER_DENIED", message, details);
        this.approval = approval;
    }
}

/** The guard refuses a cancel request. */
export function refused(
    { action, digest }: { readonly action: MachineAction; readonly digest: string },
    { refusals, pairs }: GuardEvaluation,
    guardPath: string,
): GuardRefusal {
    const approval = isApprovable(refusals) ? { digest, pairs } : undefined;
    return new GuardRefusal(
        `the guard refuses to cancel machine action ${action.id} (${describeAction(action)}): ` +
            `${describeRefusals(refusals)}. Nothing was sent; ${adviceFor(refusals, digest, pairs)} (${guardPath})`,
        {
            machineActionId: action.id,
            reason:
                `refused by the guard: ${describeRefusals(refusals)}. Nothing was sent` +
                (approval ? "" : "; ask the owner of the guard"),
        },
        approval,
    );
}
