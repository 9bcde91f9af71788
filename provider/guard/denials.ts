import { DefenderError } from "../errors.ts";
import { describeAction, type MachineAction } from "../machine-action.ts";
import { isProtection, type Refusal } from "./decision.ts";

/** The rules and what each of them says, in one line. */
export function describeRefusals(refusals: readonly Refusal[]): string {
    return refusals.map(({ rule, because }) => `${rule}: ${because}`).join("; ");
}

/** Whether an approval would lift all of them. */
export function isApprovable(refusals: readonly Refusal[]): boolean {
    return refusals.length > 0 && refusals.every(isProtection);
}

/** What whoever reads the refusals can do. */
export function adviceFor(refusals: readonly Refusal[], digest: string): string {
    return isApprovable(refusals) ? howToApprove(digest) : "it is for the owner of the guard to say";
}

/** The whole digest, as an approval takes it. */
export function howToApprove(digest: string): string {
    return `if it is meant, have this very declaration approved: DEFENDER_APPROVED_DIGEST=${digest}`;
}

/** The guard refuses a cancel request. */
export function denied(
    { action, digest }: { readonly action: MachineAction; readonly digest: string },
    refusals: readonly Refusal[],
    guardPath: string,
): DefenderError {
    return new DefenderError(
        "ERR_DEFENDER_DENIED",
        `the guard refuses to cancel machine action ${action.id} (${describeAction(action)}): ` +
            `${describeRefusals(refusals)}. Nothing was sent; ${adviceFor(refusals, digest)} (${guardPath})`,
        { machineActionId: action.id },
    );
}
