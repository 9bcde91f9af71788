import type { ResourceValidation, ResourceValidationArgs } from "@pulumi/policy";
import { typeOf } from "../provider/model/resource-types.ts";
import type { Properties } from "../provider/schema/input-rules.ts";
import { firstOf } from "../provider/text/first-of.ts";
import { shortText } from "../provider/text/sanitize.ts";

/**
 * Returns why a rule rejects a resource or one cancellation, in words; undefined if the rule accepts it. Throws if the
 * rule reads a value that a preview does not know. `@pulumi/policy` then warns that the policy could not run.
 */
export type Judge = (declared: Properties) => string | undefined;

/** The maximum number of problems to name. A longer list would not be read. */
const maxNamed = 10;

/** Applies a rule to each resource of this package as a whole. */
export function onEachResource(judge: Judge): ResourceValidation {
    return (args, reportViolation) => {
        passOverOthers(args);
        const problem = judge(args.props);
        if (problem !== undefined) {
            reportViolation(problem);
        }
    };
}

/**
 * Applies a rule to each cancellation, including the entries of a set. An unknown value in one entry does not hide the
 * problems of the others.
 */
export function onEachCancellation(judge: Judge): ResourceValidation {
    return (args, reportViolation) => {
        passOverOthers(args);
        const isSet = typeOf(args.type)?.kind === "set";
        const { count, read } = cancellationsOf(args);
        const problems: string[] = [];
        const unknown: unknown[] = [];
        for (let index = 0; index < count; index++) {
            try {
                const declared = read(index);
                const problem = judge(declared);
                if (problem !== undefined) {
                    problems.push(isSet ? `${nameOf(declared, index)}: ${problem}` : problem);
                }
            } catch (error) {
                unknown.push(error);
            }
        }
        if (problems.length > 0) {
            const head = isSet ? [`${problems.length} of ${count} cancellations:`] : [];
            reportViolation([...head, ...firstOf(problems, maxNamed)].join("\n  "));
        }
        if (unknown.length > 0) {
            throw unknown[0];
        }
    };
}

/**
 * The number of cancellations that a resource declares, and a reader for each. Throws if a preview does not know the
 * cancellations.
 */
export function cancellationsOf({ type, props }: Pick<ResourceValidationArgs, "type" | "props">): {
    readonly count: number;
    readonly read: (index: number) => Properties;
} {
    if (typeOf(type)?.kind === "cancellation") {
        return { count: 1, read: () => props };
    }
    const list: unknown = props.cancellations;
    // The resource's own check refuses anything except a list of objects.
    const entries: readonly unknown[] = Array.isArray(list) ? list : [];
    return { count: entries.length, read: (index) => Object(entries[index]) as Properties };
}

/** Ends the policy for resources of other packages, as `validateResourceOfType` does. */
export function passOverOthers({ type, notApplicable }: ResourceValidationArgs): void {
    if (typeOf(type) === undefined) {
        notApplicable("it only applies to cancellations of machine actions");
    }
}

/** The id, or the place in the list if the id is not known. */
function nameOf(declared: Properties, index: number): string {
    try {
        return shortText(String(declared.machineActionId), 80);
    } catch {
        return `cancellations[${index}]`;
    }
}
