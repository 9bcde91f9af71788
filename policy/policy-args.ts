import type { EnforcementLevel } from "@pulumi/policy";
import { parseRules } from "../provider/guard/guard-file.ts";
import { DefenderError } from "../provider/model/errors.ts";
import type { expectable } from "../provider/schema/input-rules.ts";
import { describeValue } from "../provider/text/sanitize.ts";

/**
 * The rules of a pack and their values. A rule that is left out adds no policy. Two policies are always added. One
 * refuses ids that a query found in the same run. The other refuses a resource that has only the type of a
 * cancellation, or only its provider text. If the guard has the same rule, both rules have the same name. Values are
 * compared ignoring case.
 */
export interface CancellationPolicyArgs {
    /** The pattern that `comment` must match, such as `/^INC-\d+: /`. */
    readonly ticket?: RegExp;
    /** The maximum number of cancellations in a stack, single ones and the entries of sets together. */
    readonly maxPerStack?: number;
    /** Properties that `expect` of each cancellation must have. */
    readonly requireExpect?: readonly (typeof expectable)[number][];
    /** `notAfter` must be set, and at most this many hours ahead. */
    readonly maxNotAfterHours?: number;
    /** The only values that `expect.type` may have. `expect.type` must be set. */
    readonly allowTypes?: readonly string[];
    /** Values that `expect.type` may not have. `expect.type` must be set. */
    readonly denyTypes?: readonly string[];
    /** Values that `expect.machineId` may not have. `expect.machineId` must be set. */
    readonly protectMachineIds?: readonly string[];
    /**
     * The effect of a violation, for all policies except `cancellation-provider-text`, which is always mandatory.
     * Default: `"mandatory"`, which fails the preview and the update.
     */
    readonly enforcementLevel?: Exclude<EnforcementLevel, "remediate">;
}

/** A check and the expected form for each rule that only a pack has. The guard's schema checks the other rules. */
const own = {
    ticket: [(value: unknown) => value instanceof RegExp, "a regular expression"],
    maxPerStack: [(value: unknown) => Number.isInteger(value) && Number(value) >= 0, "a whole number, 0 or more"],
    enforcementLevel: [
        (value: unknown) => ["advisory", "mandatory", "disabled"].some((level) => level === value),
        '"advisory", "mandatory" or "disabled"',
    ],
} as const;

const ofGuard = ["requireExpect", "maxNotAfterHours", "allowTypes", "denyTypes", "protectMachineIds"];

/** Throws for names and values that would silently add no effective rule, because a pack may be plain JavaScript. */
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
    // Pulumi prints no stack for an error marked as a RunError. The stack would not help, because the mistake is in the
    // pack.
    return Object.defineProperty(error, "__pulumiRunError", { value: true });
}
