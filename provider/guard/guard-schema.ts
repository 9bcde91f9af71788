import { z } from "zod";
import { isMachineId } from "../model/machine-action.ts";
import { expectable } from "../schema/input-rules.ts";
import { type GuardRules, riskScores } from "./guard-rules.ts";

const list = (item: z.ZodType<string>) => z.array(item, { error: "expected a list" }).min(1, "expected at least one");

const words = list(
    z
        .string({ error: "expected text; write what looks like a number in quotes" })
        .refine((text) => text.trim() !== "", "expected text that is not blank"),
);

const oneOf = (values: readonly string[]) =>
    z
        .string({ error: `expected one of ${values.join(", ")}` })
        .refine((text) => values.some((value) => value.toLowerCase() === text.trim().toLowerCase()), {
            error: `expected one of ${values.join(", ")}`,
        });

const machineId = z
    .string({ error: "expected the id of a machine; write it in quotes" })
    .refine(isMachineId, "expected the id of a machine, 40 hexadecimal digits");

const wholeNumber = z.int({ error: "expected a whole number" }).min(0, "expected a whole number, 0 or more");

const schema = z.strictObject({
    version: z.literal(1, { error: "expected 1, the version of this format" }),
    maxPerRun: wholeNumber.exactOptional(),
    maxPerDay: wholeNumber.exactOptional(),
    requireExpect: list(oneOf(expectable)).exactOptional(),
    maxNotAfterHours: z
        .number({ error: "expected a number of hours" })
        .positive("expected a number of hours, more than 0")
        .exactOptional(),
    allowTypes: words.exactOptional(),
    denyTypes: words.exactOptional(),
    allowRequestors: words.exactOptional(),
    protectMachineIds: list(machineId).exactOptional(),
    protectTypes: words.exactOptional(),
    protectTags: words.exactOptional(),
    protectRiskScores: list(oneOf(riskScores)).exactOptional(),
});

/** One thing that is wrong in a guard. */
export interface GuardFault {
    /** Where: the keys and indices that lead to it, the name of an unknown key among them. */
    readonly path: readonly (string | number)[];
    readonly message: string;
    /** The key itself is what is wrong, not its value. */
    readonly isKey: boolean;
}

/** Reads the rules strictly: one unknown key, and none of them counts. */
export function parseRules(
    value: unknown,
): { readonly rules: GuardRules } | { readonly faults: readonly GuardFault[] } {
    const parsed = schema.safeParse(value);
    if (parsed.success) {
        const { version: _, ...rules }: { readonly version: 1 } & GuardRules = parsed.data;
        const message = `it has no rule: expected at least one of ${ruleNames.join(", ")}`;
        return Object.keys(rules).length > 0 ? { rules } : { faults: [{ path: [], message, isKey: false }] };
    }
    return { faults: parsed.error.issues.flatMap(faultsOf) };
}

function faultsOf(issue: z.core.$ZodIssue): GuardFault[] {
    const path = issue.path.filter((part): part is string | number => typeof part !== "symbol");
    if (issue.code === "unrecognized_keys") {
        const message = `is not a rule: expected one of ${ruleNames.join(", ")}`;
        return issue.keys.map((key) => ({ path: [...path, key], message, isKey: true }));
    }
    if (path.length === 0) {
        return [{ path, message: "it holds no rules: expected a mapping", isKey: false }];
    }
    return [{ path, message: issue.message, isKey: false }];
}

/** All rules, in the order of the format. */
export const ruleNames: readonly string[] = Object.keys(schema.shape).filter((name) => name !== "version");
