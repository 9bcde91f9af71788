import { imitatesTag } from "./declaration.ts";
import { describeValue, isDeceptive } from "./foreign-text.ts";
import { isGuid } from "./machine-action.ts";

/** What stands for a value that is not known yet in a preview: `pulumi.runtime.unknownValue`. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What to do when the action had already ended as Succeeded or Failed. */
export type IfAlreadyFinal = "fail" | "accept";

/** The inputs of a MachineActionCancellation once they have passed {@link checkInputs}. */
export interface CancellationInputs {
    readonly machineActionId: string;
    readonly comment: string;
    readonly ifAlreadyFinal?: IfAlreadyFinal;
    readonly confirmWithinSeconds?: number;
    /** Hidden, set by the constructor: "project/stack/name". No URN reaches the plugin. */
    readonly declaredBy?: string;
    /** Hidden, set by {@link checkInputs}: what drift is shown against. */
    readonly desiredStatus: "Cancelled";
}

/** The only status that a cancellation wants. */
export const desiredStatus = "Cancelled";

/** One input that cannot be used, as Pulumi shows it. */
export interface CheckFailure {
    readonly property: string;
    readonly reason: string;
}

type Properties = Readonly<Record<string, unknown>>;

// Each says what is expected, or nothing when the value will do.
const expectations: Readonly<Record<string, (value: unknown) => string | undefined>> = {
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
    ifAlreadyFinal: oneOf("fail", "accept"),
    confirmWithinSeconds: (value) =>
        typeof value === "number" && value > 0 && value <= 86_400
            ? undefined
            : "a number of seconds, more than 0 and at most 86400",
    declaredBy: (value) => (typeof value === "string" ? undefined : "text"),
};

const unsupported = ["expect", "notAfter", "onReissue", "reissueWindowHours"];

const required = ["machineActionId", "comment"];

// Not the user's: the reference to this package, and what check itself writes.
const ours = ["__provider", "desiredStatus"];

function oneOf(...values: string[]): (value: unknown) => string | undefined {
    return (value) => (values.some((one) => one === value) ? undefined : values.map((one) => `"${one}"`).join(" or "));
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
        failures.push({ property: name, reason: `${name} is missing: expected ${expectations[name]?.(undefined)}` });
    }
    for (const [name, value] of given) {
        const reason = judge(name, value);
        if (reason) {
            failures.push({ property: name, reason });
        }
    }
    const id = news.machineActionId;
    return {
        inputs: { ...news, ...(typeof id === "string" ? { machineActionId: id.toLowerCase() } : {}), desiredStatus },
        failures,
    };
}

function judge(name: string, value: unknown): string | undefined {
    if (unsupported.includes(name)) {
        return `${name} is not supported yet: remove it`;
    }
    const expectation = Object.hasOwn(expectations, name) ? expectations[name] : undefined;
    if (!expectation) {
        const known = [...Object.keys(expectations).filter((known) => known !== "declaredBy")].join(", ");
        return `${describeValue(name)} is not a property of a cancellation: expected one of ${known}`;
    }
    const expected = value === unknownValue ? undefined : expectation(value);
    return expected && `${name} is ${describeValue(value)}: expected ${expected}`;
}

/** The declared inputs among the properties of a resource: what counts for a diff and goes back to the engine. */
export function pickInputs(properties: Properties): Record<string, unknown> {
    return Object.fromEntries(
        Object.keys(expectations)
            .filter((name) => properties[name] !== undefined)
            .map((name) => [name, properties[name]]),
    );
}
