import { shortText } from "../text/sanitize.ts";
import type { PreviewLine } from "./preview-line.ts";

/** How to show the plan of a resource. */
export interface ShownPlan {
    /** The line on the resource. */
    readonly line: string;
    /** Whether the line is a status: a row shows it while the preview runs, and the diagnostics do not repeat it. */
    readonly isStatus: boolean;
    /** A line for the stack. */
    readonly onStack?: string;
}

/**
 * Explains a cause that several resources of a preview share once: on the first of them. Pulumi prints a block for each
 * resource with a line, and sixty blocks with the same text would hide the one sentence that says what to do.
 * `isError`: whether the line is an error.
 */
export function createRepeatedPlans(): (name: string | undefined, plan: PreviewLine, isError: boolean) => ShownPlan {
    const known = new Map<string, { readonly first: string; isRepeated: boolean }>();
    return (name, { line, cause }, isError) => {
        if (cause === undefined) {
            return { line, isStatus: false };
        }
        const before = known.get(cause.text);
        if (before === undefined) {
            known.set(cause.text, { first: name ? shortText(name, 40) : "another resource", isRepeated: false });
            return { line, isStatus: false };
        }
        const what = `${cause.words}: ${cause.code ? `${cause.code}: ` : ""}`;
        const same = `same cause as ${before.first}`;
        const short = `${what}${cause.subject === undefined ? "" : `${cause.subject}: `}${same}`;
        if (isError) {
            // An error belongs to its resource.
            return { line: short, isStatus: false };
        }
        if (before.isRepeated) {
            return { line: short, isStatus: true };
        }
        before.isRepeated = true;
        const onStack = `several resources: ${what}${same}. They have no message of their own`;
        return { line: short, isStatus: true, onStack };
    };
}
