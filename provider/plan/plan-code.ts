import { DefenderError, type DefenderErrorCode } from "../model/errors.ts";
import type { PlannedCancellation } from "./planned-cancellation.ts";

/** Adds the code of the error, where the words do not contain one. */
export function withCode(words: string, plan: PlannedCancellation): string {
    const code =
        codeOf(plan) ??
        (plan.reissued && codeOf(plan.reissued)) ??
        (plan.unknownInputs && codeOf({ kind: "notKnown", inputs: plan.unknownInputs }));
    return code === undefined ? words : `${words} [${code}]`;
}

/** The code of the error with which `up` would fail; undefined if it would not, and where the words have the code. */
function codeOf(plan: PlannedCancellation): DefenderErrorCode | undefined {
    switch (plan.kind) {
        case "tooLate":
            return plan.isAccepted ? undefined : "ERR_DEFENDER_TOO_LATE";
        case "notFound":
            return "ERR_DEFENDER_NOT_FOUND";
        case "unexpected":
            return "ERR_DEFENDER_UNEXPECTED";
        case "pastNotAfter":
            return "ERR_DEFENDER_PAST_NOT_AFTER";
        case "refused":
            return plan.guard instanceof DefenderError ? undefined : "ERR_DEFENDER_DENIED";
        case "reissued":
            return plan.unresolved.length + (plan.unlisted ?? 0) > 0 ? "ERR_DEFENDER_REISSUED" : undefined;
        case "notKnown":
        case "hookRemoved":
        case "providerReplaced":
            return "ERR_DEFENDER_CONFIGURATION";
        default:
            return undefined;
    }
}
