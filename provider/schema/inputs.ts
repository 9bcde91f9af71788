import { isDeepStrictEqual } from "node:util";
import {
    type CheckFailure,
    commonRules,
    desiredStatus,
    expectation,
    machineActionId,
    type Properties,
    pick,
    type Rules,
    validateAll,
    validateExpectation,
    validateFence,
} from "./input-rules.ts";

const rules: Rules = { machineActionId, ...commonRules, expect: expectation };

/**
 * Checks the inputs as the engine hands them over, without a request. Values that are not known yet pass.
 *
 * Returns them normalised (the id in lower case, `desiredStatus` set), and one failure for each that cannot be used:
 * it names the property, what was seen and what is expected.
 */
export function checkInputs(news: Properties): { inputs: Record<string, unknown>; failures: CheckFailure[] } {
    const id = news.machineActionId;
    return {
        inputs: { ...news, ...(typeof id === "string" ? { machineActionId: id.toLowerCase() } : {}), desiredStatus },
        failures: [
            ...validateAll(news, rules, ["machineActionId", "comment"], "a cancellation"),
            ...validateExpectation("expect", news.expect),
            ...validateFence(news, "expect", news.expect),
        ],
    };
}

/** The declared inputs among the properties of a resource: what counts for a diff and goes back to the engine. */
export function pickInputs(properties: Properties): Record<string, unknown> {
    return pick(properties, rules);
}

/** The inputs as they are stored with the outputs: without what is for policies alone. */
export function echoedInputs({ fromQuery: _, ...inputs }: Properties): Properties {
    return inputs;
}

/** Whether the declared inputs differ from those that were stored with the outputs. Who declares it does not count. */
export function isEdited(olds: Properties, news: Properties): boolean {
    const { declaredBy: _, ...before } = pickInputs(olds);
    const { declaredBy: __, ...after } = pickInputs(news);
    return !isDeepStrictEqual(before, after);
}
