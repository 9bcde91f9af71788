import { firstOf } from "../text/first-of.ts";
import { shortText } from "../text/sanitize.ts";
import type { PreviewLine } from "./preview-line.ts";

/** How to show the plan of a resource. */
export interface ShownPlan {
    /** The line on the resource. */
    readonly line: string;
    /** Whether the line is a status: a row shows it while the preview runs, and the diagnostics do not repeat it. */
    readonly isStatus: boolean;
}

/**
 * Explains a cause that several resources of a preview share once: on the first of them. Pulumi prints a block for each
 * resource with a line, and sixty blocks with the same text would hide the one sentence that says what to do.
 */
export interface RepeatedPlans {
    /** How to show the plan of the resource of this name. `isError`: whether the line is an error. */
    show(name: string | undefined, plan: PreviewLine, isError: boolean): ShownPlan;
    /** One line for each cause, with the resources that had only a status since the last call. For the stack. */
    takeOthers(): readonly string[];
}

/** The maximum number of resources that a line names. Readers do not read more. */
const maxNamed = 10;

/** A cause, and who has it. */
interface KnownCause {
    /** The name of the first resource with this cause. */
    readonly first: string;
    /** The cause in short, with the first resource. */
    readonly short: string;
    /** The names of those that had only a status, and that no line has named yet. */
    others: string[];
}

export function createRepeatedPlans(): RepeatedPlans {
    const known = new Map<string, KnownCause>();
    return {
        show(name, { line, cause }, isError) {
            if (cause === undefined) {
                return { line, isStatus: false };
            }
            const before = known.get(cause.text);
            const shown = name ? shortText(name, 40) : "another resource";
            const what = `${cause.words}: ${cause.code ? `${cause.code}: ` : ""}`;
            if (before === undefined) {
                known.set(cause.text, { first: shown, short: `${what}same cause as ${shown}`, others: [] });
                return { line, isStatus: false };
            }
            // An error belongs to its resource.
            if (!isError) {
                before.others.push(shown);
            }
            const subject = cause.subject === undefined ? "" : `${cause.subject}: `;
            return { line: `${what}${subject}same cause as ${before.first}`, isStatus: !isError };
        },
        takeOthers() {
            return [...known.values()].flatMap((cause) => {
                const names = cause.others.splice(0);
                const resources = names.length === 1 ? "resource" : "resources";
                return names.length === 0
                    ? []
                    : [`${names.length} more ${resources} (${firstOf(names, maxNamed).join(", ")}): ${cause.short}`];
            });
        },
    };
}
