import type { EnforcementLevel } from "@pulumi/policy";
import { parseRules } from "../provider/guard/guard-file.ts";
import { DefenderError } from "../provider/model/errors.ts";
import type { expectable } from "../provider/schema/input-rules.ts";
import { describeValue } from "../provider/text/sanitize.ts";

/**
 * The rules of a pack and their values. A rule that is left out makes no policy. Two policies are always there: one
 * refuses ids of a look-up, the other a resource that is a cancellation by its type or by its provider text alone. A
 * rule that the guard has too has the guard's name. Values are compared without case.
 */
export interface CancellationPolicyArgs {
    /** What `comment` must match, such as `/^INC-\d+: /`. */
    readonly ticket?: RegExp;
    /** Cancellations that a stack may declare, the entries of its sets and single ones together. */
    readonly maxPerStack?: number;
    /** Properties that `expect` of each cancellation must have. */
    readonly requireExpect?: readonly (typeof expectable)[number][];
    /** `notAfter` must be set, and lie at most so many hours ahead. */
    readonly maxNotAfterHours?: number;
    /** The only values that `expect.type` may have. It must be there. */
    readonly allowTypes?: readonly string[];
    /** Values that `expect.type` may not have. It must be there. */
    readonly denyTypes?: readonly string[];
    /** Values that `expect.machineId` may not have. It must be there. */
    readonly protectMachineIds?: readonly string[];
    /**
     * What a violation does, for all of these policies but `cancellation-provider-text`, which is always there
     * and always fails them.
     * Default: `"mandatory"`, it fails the preview and the update.
     */
    readonly enforcementLevel?: Exclude<EnforcementLevel, "remediate">;
}

/** A name: whether a value will do, and what is expected. The rules that the guard has too are checked by its schema. */
const own = {
    ticket: [(value: unknown) => value instanceof RegExp, "a regular expression"],
    maxPerStack: [(value: unknown) => Number.isInteger(value) && Number(value) >= 0, "a whole number, 0 or more"],
    enforcementLevel: [
        (value: unknown) => ["advisory", "mandatory", "disabled"].some((level) => level === value),
        '"advisory", "mandatory" or "disabled"',
    ],
} as const;

const ofGuard = ["requireExpect", "maxNotAfterHours", "allowTypes", "denyTypes", "protectMachineIds"];

/** Throws for what would silently make no rule, or one that nothing can fall foul of: a pack may be plain JavaScript. */
export function checkArgs(args: CancellationPolicyArgs): void {
    const given = Object.entries(args).filter(([, value]) => value !== undefined);
    for (const [name, value] of given) {
        if (Object.hasOwn(own, name)) {
            const [isFine, expected] = own[name as keyof typeof own];
            if (!isFine(value)) {
                throw wrong(`${name} is ${describeValue(value)}: expected ${expected}`);
            }
        } else if (!ofGuard.includes(name)) {
            const names = [...Object.keys(own), ...ofGuard].join(", ");
            throw wrong(`${describeValue(name)} is not a rule: expected one of ${names}`);
        }
    }
    const guarded = given.filter(([name]) => ofGuard.includes(name));
    const parsed = guarded.length > 0 ? parseRules({ version: 1, ...Object.fromEntries(guarded) }) : undefined;
    if (parsed && "faults" in parsed) {
        throw wrong(parsed.faults.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
    }
}

function wrong(problem: string): DefenderError {
    const error = new DefenderError("ERR_DEFENDER_CONFIGURATION", `cancellationPolicies: ${problem}`);
    // Pulumi prints no stack of an error that it takes for a RunError: the pack is wrong, not this package.
    return Object.defineProperty(error, "__pulumiRunError", { value: true });
}
