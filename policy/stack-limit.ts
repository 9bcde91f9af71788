import type { ResourceValidation } from "@pulumi/policy";
import { cancellationsOf, passOverOthers } from "./on-each.ts";

/**
 * Counts the cancellations of a stack while its resources are declared. Refuses the resource that exceeds the limit,
 * and all later ones. This is not a policy on the whole stack, because such a policy runs at the end of an update,
 * after everything was sent.
 */
export function stackLimit(most: number): ResourceValidation {
    // A pack's process serves one preview or one update. The counts are kept by URN, because the engine may check a
    // resource twice.
    const counts = new Map<string, number>();
    return (args, reportViolation) => {
        passOverOthers(args);
        const { count } = cancellationsOf(args);
        counts.set(args.urn, count);
        const total = [...counts.values()].reduce((sum, one) => sum + one, 0);
        if (count > 0 && total > most) {
            reportViolation(
                `the number of cancellations in the stack is ${total} (${count} in this resource): expected at most ${most}`,
            );
        }
    };
}
