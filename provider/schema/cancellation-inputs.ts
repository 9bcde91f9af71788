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
 * Checks the inputs that the engine passes, and sends no request. Values that are not known yet are accepted.
 *
 * Returns the inputs normalised (the id in lower case, `desiredStatus` set), and one failure for each input that cannot
 * be used. A failure names the property, its value and the expected value.
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

/**
 * The declared inputs among the properties of a resource. A diff compares them, and a read returns them to the engine.
 */
export function pickInputs(properties: Properties): Record<string, unknown> {
    return pick(properties, rules);
}

/** The inputs that are stored with the outputs: all except `fromQuery`, which only policies use. */
export function echoedInputs({ fromQuery: _, ...inputs }: Properties): Properties {
    return inputs;
}

/** Whether the declared inputs differ from those stored with the outputs. `declaredBy` is not compared. */
export function isEdited(olds: Properties, news: Properties): boolean {
    const { declaredBy: _, ...before } = pickInputs(olds);
    const { declaredBy: __, ...after } = pickInputs(news);
    return !isDeepStrictEqual(before, after);
}
