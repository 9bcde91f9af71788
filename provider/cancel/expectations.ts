import { isSameType } from "../model/action-type.ts";
import { DefenderError } from "../model/errors.ts";
import { describeAction, type KnownAction, type MachineAction } from "../model/machine-action.ts";
import { type Expectation, expectable, observedValue } from "../schema/input-rules.ts";
import { readableTime } from "../system/clock.ts";
import { describeValue, foldText } from "../text/sanitize.ts";

/**
 * The differences between an action and the values that the reviewer approved: both values of each property, in one
 * line. Undefined when all values match. Values are compared without case, and types without regard to spelling. A
 * value that the API does not return is a difference.
 */
export function differences(action: KnownAction, expect: Expectation | undefined): string | undefined {
    const lines = expectable.flatMap((name) => {
        const [expected, observed] = [expect?.[name], observedValue(action, name)];
        if (expected === undefined || (observed !== undefined && isSame(name, expected, observed))) {
            return [];
        }
        return [
            `${name} is ${observed === undefined ? "not known" : describeValue(observed)}, expected ${describeValue(expected)}`,
        ];
    });
    return lines.length > 0 ? lines.join("; ") : undefined;
}

function isSame(name: keyof Expectation, expected: string, observed: string): boolean {
    return name === "type" ? isSameType(expected, observed) : foldText(expected) === foldText(observed);
}

/** Throws `ERR_DEFENDER_UNEXPECTED` when the action is not what the reviewer approved. */
export function refuseUnexpected(action: KnownAction & { readonly id: string }, expect: Expectation | undefined): void {
    const differs = differences(action, expect);
    if (differs !== undefined) {
        throw new DefenderError(
            "ERR_DEFENDER_UNEXPECTED",
            `machine action ${action.id} (${describeAction(action)}) is not what was approved: ${differs}. Nothing was ` +
                "sent. Check the id, or correct expect",
            {
                machineActionId: action.id,
                reason: `not what was approved: ${differs}. Nothing was sent. Check the ids, or correct expect`,
            },
        );
    }
}

/** Throws `ERR_DEFENDER_PAST_NOT_AFTER` when it is too late to send anything. Times in milliseconds since the epoch. */
export function refusePastNotAfter(action: MachineAction, notAfter: number | undefined, now: number): void {
    if (notAfter !== undefined && now > notAfter) {
        throw new DefenderError(
            "ERR_DEFENDER_PAST_NOT_AFTER",
            `machine action ${action.id} (${describeAction(action)}) can no longer be cancelled: notAfter was ` +
                `${readableTime(notAfter)}, now it is ${readableTime(Math.ceil(now / 1_000) * 1_000)}. Nothing was sent. ` +
                "Have a later notAfter approved if the cancellation is still wanted",
            {
                machineActionId: action.id,
                reason:
                    `notAfter (${readableTime(notAfter)}) has passed. Nothing was sent. Have a later notAfter approved if ` +
                    "the cancellations are still wanted",
            },
        );
    }
}
