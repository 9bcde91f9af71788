import { imitatesTag } from "../model/declaration.ts";
import { isGuid, type KnownAction } from "../model/machine-action.ts";
import { isRfc3339 } from "../system/clock.ts";
import { describeValue, isDeceptive, shortText } from "../text/sanitize.ts";
import { expectedHours, expectedSeconds, limits } from "./limits.ts";

/** The placeholder for a value that is not known yet in a preview: `pulumi.runtime.unknownValue`. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What to do when the action had already ended as Succeeded or Failed. */
export type IfAlreadyFinal = "fail" | "accept";

export const ifAlreadyFinalValues: readonly IfAlreadyFinal[] = ["fail", "accept"];

/** How to treat a later action of the same type on the same machine. */
export type OnReissue = "drift" | "cancel" | "ignore";

export const onReissueValues: readonly OnReissue[] = ["drift", "cancel", "ignore"];

/** The properties of an action that a reviewer can approve. */
export const expectable = [
    "type",
    "machineId",
    "computerDnsName",
    "requestor",
    "requestorComment",
    "relatedFile",
    "externalId",
] as const;

/**
 * The observed value of a property that a reviewer can approve. `relatedFile` is the hash of the file that the action
 * is about.
 */
export function observedValue(action: KnownAction, name: (typeof expectable)[number]): string | undefined {
    return name === "relatedFile" ? action.relatedFileInfo?.fileIdentifier : action[name];
}

/** The values that the reviewer approved. They are compared with the observed action, ignoring case. */
export type Expectation = Readonly<Partial<Record<(typeof expectable)[number], string>>>;

/** The status that every cancellation declares. */
export const desiredStatus = "Cancelled";

/** One input that cannot be used, as Pulumi shows it. */
export interface CheckFailure {
    readonly property: string;
    readonly reason: string;
}

/** Properties as the protocol of the engine carries them. */
export type Properties = Readonly<Record<string, unknown>>;

/** Returns a description of the expected value, or undefined when the value is valid. */
export type Rule = (value: unknown) => string | undefined;

/** The rules of inputs, by the inputs' names. */
export type Rules = Readonly<Record<string, Rule>>;

export const machineActionId: Rule = (value) =>
    typeof value === "string" && isGuid(value)
        ? undefined
        : "the id of a machine action, a GUID such as 5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

export const ifAlreadyFinal: Rule = oneOf(ifAlreadyFinalValues);

/** Text for the readers of a declaration. */
export const oneLine: Rule = (value) =>
    typeof value === "string" && value.trim() !== "" && !isDeceptive(value)
        ? undefined
        : "one line of text that is not blank, without control, bidirectional or invisible characters";

export const expectation: Rule = (value) =>
    isObject(value) && Object.values(value).some((field) => field !== undefined)
        ? undefined
        : `an object with at least one of ${expectable.join(", ")}`;

/** The rules of the inputs that a cancellation and a set have in common. */
export const commonRules: Rules = {
    comment: (value) => {
        if (typeof value !== "string" || value.trim() === "") {
            return "text that is not blank, because Defender records it as the reason for the cancellation";
        }
        if (isDeceptive(value)) {
            return "one line of text without control, bidirectional or invisible characters";
        }
        return imitatesTag(value) ? 'text without "[pulumi", because this package adds that tag itself' : undefined;
    },
    notAfter: (value) =>
        typeof value === "string" && isRfc3339(value)
            ? undefined
            : "a time with its time zone as in RFC 3339, such as 2026-05-04T18:00:00Z",
    ifAlreadyFinal,
    onReissue: oneOf(onReissueValues),
    reissueWindowHours: positive(limits.reissueWindowHours, expectedHours),
    confirmWithinSeconds: positive(limits.confirmWithinSeconds, expectedSeconds),
    declaredBy: (value) => (typeof value === "string" ? undefined : "text"),
};

function oneOf(values: readonly string[]): Rule {
    return (value) => (values.some((one) => one === value) ? undefined : choiceOf(values));
}

/** The values that an input may have, as text for a message. */
export function choiceOf(values: readonly string[]): string {
    return values.map((one) => `"${one}"`).join(" or ");
}

function positive(max: number, expected: string): Rule {
    return (value) => (typeof value === "number" && value > 0 && value <= max ? undefined : expected);
}

export function isObject(value: unknown): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The failure of an invalid value, with the path of the value; empty if the value is valid or not known yet. */
export function judge(path: string, rule: Rule, value: unknown): CheckFailure[] {
    const expected = value === unknownValue ? undefined : rule(value);
    return expected ? [{ property: path, reason: `${path} is ${describeValue(value)}: expected ${expected}` }] : [];
}

// Inputs that the user does not set: the reference to this package, the constructor's note for policies, and the inputs
// that check and a refresh write.
const ours = ["__provider", "fromQuery", "desiredStatus", "deviations"];

/**
 * Checks each input separately. Returns the failures: missing inputs, wrong values and unknown names. `what` names the
 * owner of the inputs in messages.
 */
export function validateAll(news: Properties, rules: Rules, required: readonly string[], what: string): CheckFailure[] {
    const given = Object.entries(news).filter(([name, value]) => !ours.includes(name) && value !== undefined);
    const missing = required.filter((name) => !given.some(([other]) => other === name));
    return [
        ...missing.map((name) => ({
            property: name,
            reason: `${name} is missing: expected ${rules[name]?.(undefined)}`,
        })),
        ...given.flatMap(([name, value]) => {
            const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
            if (rule) {
                return judge(name, rule, value);
            }
            const known = Object.keys(rules).filter((other) => other !== "declaredBy");
            const reason = `${describeValue(name)} is not a property of ${what}: expected one of ${known.join(", ")}`;
            return [{ property: shortText(name, 60), reason }];
        }),
    ];
}

/** The failures inside an expectation. */
export function validateExpectation(path: string, expect: unknown): CheckFailure[] {
    return Object.entries(isObject(expect) ? expect : {}).flatMap(([name, value]) => {
        const property = `${path}.${shortText(name, 60)}`;
        if (!expectable.some((field) => field === name)) {
            const reason = `${property} is not a property of an expectation: expected one of ${expectable.join(", ")}`;
            return [{ property, reason }];
        }
        const isFine = value === undefined || (typeof value === "string" && value.trim() !== "");
        return isFine
            ? []
            : [{ property, reason: `${property} is ${describeValue(value)}: expected text that is not blank` }];
    });
}

/**
 * `onReissue: "cancel"` requires a time limit and a requestor, because no reviewer has seen the actions that it
 * cancels.
 */
export function validateFence({ onReissue, notAfter }: Properties, path: string, expect: unknown): CheckFailure[] {
    if (onReissue !== "cancel") {
        return [];
    }
    const requestor = isObject(expect) ? expect.requestor : expect;
    const lacking = [
        ...(notAfter === undefined ? ["notAfter"] : []),
        ...(requestor === undefined ? [`${path}.requestor`] : []),
    ];
    return lacking.map((property) => ({
        property,
        reason: `${property} is missing: onReissue "cancel" requires notAfter and expect.requestor, because it cancels only until that time and only actions of that requestor`,
    }));
}

/** Picks the inputs that have a rule out of the properties of a resource. */
export function pick(properties: Properties, rules: Rules): Record<string, unknown> {
    return Object.fromEntries(
        Object.keys(rules)
            .filter((name) => properties[name] !== undefined)
            .map((name) => [name, properties[name]]),
    );
}

/** For parsers of foreign input: the value if it is text, otherwise undefined. */
export function textIn(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}

/** For parsers of foreign input: the value if it is a number, otherwise undefined. */
export function numberIn(value: unknown): number | undefined {
    return typeof value === "number" ? value : undefined;
}
