import type { ResourceValidation } from "@pulumi/policy";
import { cancellationsOf, passOverOthers } from "./on-each.ts";

/**
 * Counts the cancellations of a stack as its resources are declared, and refuses the resource that leads beyond the
 * limit and those that follow. A policy on the whole stack would be asked at the end of an update, when all is sent.
 */
export function stackLimit(most: number): ResourceValidation {
    // A pack's process serves one preview or one update. By URN: the engine may ask twice about a resource.
    const counts = new Map<string, number>();
    return (args, reportViolation) => {
        passOverOthers(args);
        const { count } = cancellationsOf(args);
        counts.set(args.urn, count);
        const total = [...counts.values()].reduce((sum, one) => sum + one, 0);
        if (count > 0 && total > most) {
            reportViolation(
                `cancellations of the stack are ${total}, ${count} of them in this resource: expected at most ${most}`,
            );
        }
    };
}
