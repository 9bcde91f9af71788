import { describePlan, type SharedCause, sharedCause } from "./describe-plan.ts";
import { type PlannedCancellation, type Verdict, verdictOf } from "./planned-cancellation.ts";

/** How the engine shows a line. A single `error` fails the preview. */
export type Severity = "info" | "warn" | "error";

/** The line of one resource in a preview. */
export interface PreviewLine {
    readonly line: string;
    readonly verdict: Verdict;
    /** The cause that other resources may have too; undefined if the line is about this action. */
    readonly cause?: SharedCause | undefined;
}

export function previewLine(plan: PlannedCancellation): PreviewLine {
    return { line: describePlan(plan), verdict: verdictOf(plan), cause: sharedCause(plan) };
}

/** How the engine shows a line. A preview that only warns still fails on an unexpected or a refused cancellation. */
export function severityOf(verdict: Verdict, isStrict: boolean): Severity {
    switch (verdict) {
        case "fine":
            return "info";
        case "would fail":
            return isStrict ? "error" : "warn";
        case "unexpected":
        case "refused":
            return "error";
    }
}
