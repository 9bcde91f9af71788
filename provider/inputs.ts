import { isDeepStrictEqual } from "node:util";
import { isRfc3339 } from "./clock.ts";
import { imitatesTag } from "./declaration.ts";
import { describeValue, isDeceptive } from "./foreign-text.ts";
import { isGuid } from "./machine-action.ts";

/** What stands for a value that is not known yet in a preview: `pulumi.runtime.unknownValue`. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What to do when the action had already ended as Succeeded or Failed. */
export type IfAlreadyFinal = "fail" | "accept";

/** What a later action of the same type on the same machine means. */
export type OnReissue = "drift" | "cancel" | "ignore";

/** The properties of an action that a reviewer can approve. */
export const expectable = ["type", "machineId", "computerDnsName", "requestor", "requestorComment"] as const;

/** What the reviewer approved: compared, whatever the case, with the action as it is observed. */
export type Expectation = Readonly<Partial<Record<(typeof expectable)[number], string>>>;

/** The only status that a cancellation wants. */
export const desiredStatus = "Cancelled";

/** One input that cannot be used, as Pulumi shows it. */
export interface CheckFailure {
    readonly property: string;
    readonly reason: string;
}

type Properties = Readonly<Record<string, unknown>>;

/** Says what is expected, or nothing when the value will do. */
type Rule = (value: unknown) => string | undefined;

const positive = (most: number, unit: string): Rule => {
    const expected = `a number of ${unit}, more than 0 and at most ${most}`;
    return (value) => (typeof value === "number" && value > 0 && value <= most ? undefined : expected);
};

const rules: Readonly<Record<string, Rule>> = {
    machineActionId: (value) =>
        typeof value === "string" && isGuid(value)
            ? undefined
            : "the id of a machine action, a GUID such as 5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
    comment: (value) => {
        if (typeof value !== "string" || value.trim() === "") {
            return "text that is not blank: Defender records it as the reason of the cancellation";
        }
        if (isDeceptive(value)) {
            return "one line of text without control, bidirectional or invisible characters";
        }
        return imitatesTag(value) ? 'text without "[pulumi": that tag is written when the request is sent' : undefined;
    },
    expect: (value) =>
        isObject(value) && Object.values(value).some((field) => field !== undefined)
            ? undefined
            : `an object with at least one of ${expectable.join(", ")}`,
    notAfter: (value) =>
        typeof value === "string" && isRfc3339(value)
            ? undefined
            : "a time with its time zone as in RFC 3339, such as 2026-05-04T18:00:00Z",
    ifAlreadyFinal: oneOf("fail", "accept"),
    onReissue: oneOf("drift", "cancel", "ignore"),
    reissueWindowHours: positive(8_784, "hours"),
    confirmWithinSeconds: positive(86_400, "seconds"),
    declaredBy: (value) => (typeof value === "string" ? undefined : "text"),
};

const required = ["machineActionId", "comment"];

// Not the user's: the reference to this package, and what check itself writes.
const ours = ["__provider", "desiredStatus"];

function oneOf(...values: string[]): Rule {
    return (value) => (values.some((one) => one === value) ? undefined : values.map((one) => `"${one}"`).join(" or "));
}

function isObject(value: unknown): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Checks the inputs as the engine hands them over, without a request. Values that are not known yet pass.
 *
 * Returns them normalised (the id in lower case, `desiredStatus` set), and one failure for each that cannot be used:
 * it names the property, what was seen and what is expected.
 */
export function checkInputs(news: Properties): { inputs: Record<string, unknown>; failures: CheckFailure[] } {
    const failures: CheckFailure[] = [];
    const given = Object.entries(news).filter(([name, value]) => !ours.includes(name) && value !== undefined);
    for (const name of required.filter((name) => !given.some(([other]) => other === name))) {
        failures.push({ property: name, reason: `${name} is missing: expected ${rules[name]?.(undefined)}` });
    }
    for (const [name, value] of given) {
        const reason = judge(name, value);
        if (reason) {
            failures.push({ property: name, reason });
        }
    }
    failures.push(...checkExpectation(news.expect), ...checkFence(news));
    const id = news.machineActionId;
    return {
        inputs: { ...news, ...(typeof id === "string" ? { machineActionId: id.toLowerCase() } : {}), desiredStatus },
        failures,
    };
}

function judge(name: string, value: unknown): string | undefined {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule) {
        const known = Object.keys(rules).filter((known) => known !== "declaredBy");
        return `${describeValue(name)} is not a property of a cancellation: expected one of ${known.join(", ")}`;
    }
    const expected = value === unknownValue ? undefined : rule(value);
    return expected && `${name} is ${describeValue(value)}: expected ${expected}`;
}

function checkExpectation(expect: unknown): CheckFailure[] {
    return Object.entries(isObject(expect) ? expect : {}).flatMap(([name, value]) => {
        const property = `expect.${name}`;
        if (!expectable.some((field) => field === name)) {
            const reason = `${property} is not a property that can be expected: expected one of ${expectable.join(", ")}`;
            return [{ property, reason }];
        }
        const isFine = value === undefined || (typeof value === "string" && value.trim() !== "");
        return isFine
            ? []
            : [{ property, reason: `${property} is ${describeValue(value)}: expected text that is not blank` }];
    });
}

/** Cancelling what nobody has seen yet takes a time limit and a name. */
function checkFence({ onReissue, notAfter, expect }: Properties): CheckFailure[] {
    if (onReissue !== "cancel") {
        return [];
    }
    const requestor = isObject(expect) ? expect.requestor : expect;
    const lacking = [
        ...(notAfter === undefined ? ["notAfter"] : []),
        ...(requestor === undefined ? ["expect.requestor"] : []),
    ];
    return lacking.map((property) => ({
        property,
        reason: `${property} is missing: expected beside onReissue "cancel", which may cancel only until then, and only what this requestor issues again`,
    }));
}

/** The declared inputs among the properties of a resource: what counts for a diff and goes back to the engine. */
export function pickInputs(properties: Properties): Record<string, unknown> {
    return Object.fromEntries(
        Object.keys(rules)
            .filter((name) => properties[name] !== undefined)
            .map((name) => [name, properties[name]]),
    );
}

/** Whether the declared inputs differ from those that were stored with the outputs. Who declares it does not count. */
export function isEdited(olds: Properties, news: Properties): boolean {
    const { declaredBy: _, ...before } = pickInputs(olds);
    const { declaredBy: __, ...after } = pickInputs(news);
    return !isDeepStrictEqual(before, after);
}
