import { describeValue } from "../text/sanitize.ts";
import {
    type Expectation,
    expectable,
    type IfAlreadyFinal,
    ifAlreadyFinalValues,
    isObject,
    numberIn,
    type OnReissue,
    onReissueValues,
    type Properties,
    textIn,
} from "./input-rules.ts";
import { defaults } from "./limits.ts";

/** The declaration of one cancellation: the checked inputs of a resource, parsed once, with all defaults filled in. */
export interface DeclaredCancellation {
    readonly machineActionId: string;
    /** The comment without its tag. Empty for a resource that is only watched. */
    readonly comment: string;
    /** "project/stack/name"; undefined where the resource has none. */
    readonly declaredBy: string | undefined;
    readonly expect: Expectation | undefined;
    /** RFC 3339, as it was written. */
    readonly notAfter: string | undefined;
    readonly ifAlreadyFinal: IfAlreadyFinal;
    readonly onReissue: OnReissue;
    readonly reissueWindowHours: number;
    readonly confirmWithinSeconds: number;
}

/**
 * Parses the checked inputs of one cancellation. An input counts as not given if a preview does not know it or the
 * check would refuse it.
 */
export function declaredCancellation(machineActionId: string, inputs: Properties): DeclaredCancellation {
    return {
        machineActionId,
        comment: textIn(inputs.comment) ?? "",
        declaredBy: textIn(inputs.declaredBy),
        expect: isObject(inputs.expect) ? expectationIn(inputs.expect) : undefined,
        notAfter: textIn(inputs.notAfter),
        ifAlreadyFinal: ifAlreadyFinalValues.find((one) => one === inputs.ifAlreadyFinal) ?? defaults.ifAlreadyFinal,
        onReissue: onReissueValues.find((one) => one === inputs.onReissue) ?? defaults.onReissue,
        reissueWindowHours: numberIn(inputs.reissueWindowHours) ?? defaults.reissueWindowHours,
        confirmWithinSeconds: numberIn(inputs.confirmWithinSeconds) ?? defaults.confirmWithinSeconds,
    };
}

/**
 * A value that is not text becomes text that no action matches. If the value were left out, the property would match
 * any action.
 */
function expectationIn(expect: Properties): Expectation {
    return Object.fromEntries(
        expectable.flatMap((name) => {
            const { [name]: value } = expect;
            return value === undefined ? [] : [[name, textIn(value) ?? describeValue(value)]];
        }),
    );
}
