import { DefenderError } from "../model/errors.ts";
import { describeAction, type MachineAction } from "../model/machine-action.ts";
import { approvalText } from "./approvals.ts";
import { isProtection, type Refusal } from "./decision.ts";

/** What the guard's rules say to a cancellation. */
export interface GuardEvaluation {
    readonly refusals: readonly Refusal[];
    /** What stood against it, had it not been approved. */
    readonly lifted: readonly Refusal[];
    /** What an approval of all that protects it takes, what has been approved included. */
    readonly pairs: readonly string[];
}

/** The rules and what each of them says, in one line. */
export function describeRefusals(refusals: readonly Refusal[]): string {
    return refusals.map(({ rule, because }) => `${rule}: ${because}`).join("; ");
}

/** Whether an approval would lift all of them. */
export function isApprovable(refusals: readonly Refusal[]): boolean {
    return refusals.length > 0 && refusals.every((one) => isProtection(one) && one.pair !== undefined);
}

/** What a reader of the refusals can do. `pairs`: all that an approval of this action takes. */
export function adviceFor(refusals: readonly Refusal[], digest: string, pairs: readonly string[]): string {
    return isApprovable(refusals)
        ? `${howToApprove(digest, pairs)}; for a set, a preview prints the whole value`
        : "ask the owner of the guard";
}

/** The whole value that approves these pairs of a declaration. */
export function howToApprove(digest: string, pairs: Iterable<string>): string {
    return `if it is meant, have this very declaration approved: DEFENDER_APPROVED_DIGEST=${approvalText(digest, pairs)}`;
}

/** The request waited so long for the quota that the guard's readings of the machine and of the day are too old. */
export function outdated(machineActionId: string, ageMs: number): DefenderError {
    return new DefenderError(
        "ERR_DEFENDER_GUARD",
        `the guard judged machine action ${machineActionId} ${Math.round(ageMs / 60_000)} min before the quota lets the ` +
            "request go: the machine, or the count of the day, may be another by now. Nothing was sent. Raise " +
            "requestsPerHour and requestsPerMinute: the guard needs three calls within a minute or two",
        { machineActionId },
    );
}

/** The guard refuses a cancel request. */
export function refused(
    { action, digest }: { readonly action: MachineAction; readonly digest: string },
    { refusals, pairs }: GuardEvaluation,
    guardPath: string,
): DefenderError {
    return new DefenderError(
        "ERR_DEFENDER_DENIED",
        `the guard refuses to cancel machine action ${action.id} (${describeAction(action)}): ` +
            `${describeRefusals(refusals)}. Nothing was sent; ${adviceFor(refusals, digest, pairs)} (${guardPath})`,
        { machineActionId: action.id },
    );
}
