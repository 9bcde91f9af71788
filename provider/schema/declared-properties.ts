import { z } from "zod";
import {
    choiceOf,
    commonRules,
    type Expectation,
    expectable,
    type IfAlreadyFinal,
    ifAlreadyFinalValues,
    type OnReissue,
    oneLine as oneLineRule,
    onReissueValues,
    type Rule,
} from "./input-rules.ts";
import { defaults, expectedCount, expectedHours, expectedSeconds, limits } from "./limits.ts";

/**
 * The properties that a user declares, with their descriptions. The schema of declaration files and the schema of the
 * provider plugin are both made of them. The tables of `docs/resource.md` and `docs/sets.md` have the same
 * descriptions. The message of each rule describes the expected value.
 */

type Optional<Value> = z.ZodOptional<z.ZodType<Value>>;

/** A schema for text. */
export const text: z.ZodString = z.string({ error: "text; a value that looks like a number needs quotes" });

/** The pattern lists both cases, because a JSON Schema cannot express the flag `i`. */
const guid = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

function byRule(rule: Rule | undefined): z.ZodString {
    return text.superRefine((value, context) => {
        const expected = rule?.(value);
        if (expected) {
            context.addIssue({ code: "custom", message: expected });
        }
    });
}

const oneLine: z.ZodString = byRule(oneLineRule);

function numberUpTo(max: number, error: string): z.ZodNumber {
    return z.number({ error }).positive({ error }).max(max, { error });
}

/** The same property, with more sentences at the end of its description. */
export function withMore<Schema extends z.ZodType>(schema: Schema, more: string): Schema {
    return schema.meta({ description: `${schema.description} ${more}` });
}

const ifAlreadyFinal = z.enum(ifAlreadyFinalValues, { error: choiceOf(ifAlreadyFinalValues) });

/** The values that the reviewer approved. */
export const expectation: z.ZodType<{ [Field in keyof Expectation]?: string | undefined }> = z
    .strictObject(
        {
            type: oneLine.optional().meta({
                description: "The type of the action, such as `Isolate`, `RunAntiVirusScan` or `LiveResponse`.",
            }),
            machineId: oneLine.optional().meta({ description: "The id of the machine, 40 hexadecimal digits." }),
            computerDnsName: oneLine.optional().meta({ description: "The DNS name of the machine." }),
            requestor: oneLine
                .optional()
                .meta({ description: "The user's name or the application's display name, as the API shows it." }),
            requestorComment: oneLine
                .optional()
                .meta({ description: "The comment with which the action was submitted." }),
            relatedFile: oneLine.optional().meta({
                description: "The hash of the file that the action is about (`relatedFileInfo.fileIdentifier`).",
            }),
            externalId: oneLine.optional().meta({ description: "The id that the requestor gave the action." }),
        } satisfies Record<keyof Expectation, z.ZodType>,
        { error: `an object with at least one of ${expectable.join(", ")}` },
    )
    .refine((value) => Object.values(value).some((field) => field !== undefined), {
        error: `an object with at least one of ${expectable.join(", ")}`,
    })
    .meta({
        description:
            "The values that the reviewer approved, at least one. They are compared with the observed action before " +
            "anything is sent, ignoring case. Types are compared by their letters and digits only. A field that the " +
            "API does not return is a difference. A difference fails the update and the preview, and the message has " +
            "both values.",
        minProperties: 1,
    });

/** The properties of one entry. */
export const entryProperties: {
    readonly machineActionId: z.ZodType<string>;
    readonly expect: z.ZodOptional<typeof expectation>;
    readonly ifAlreadyFinal: Optional<IfAlreadyFinal>;
    readonly note: Optional<string>;
} = {
    machineActionId: text
        .regex(guid, { error: "the id of a machine action, a GUID such as 5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f" })
        .meta({ description: "The GUID of the machine action to cancel, in any case." }),
    expect: expectation.optional(),
    ifAlreadyFinal: ifAlreadyFinal.optional().meta({
        description:
            "For this action only: `accept` is a reviewed acknowledgement that it ran. This value takes precedence " +
            "over the value for all entries.",
    }),
    note: oneLine.optional().meta({ description: "A note for reviewers; it is never sent." }),
};

/** The properties that a single cancellation and a set have in common. */
export interface CommonProperties {
    readonly comment: z.ZodType<string>;
    readonly notAfter: Optional<string>;
    readonly ifAlreadyFinal: Optional<IfAlreadyFinal>;
    readonly onReissue: Optional<OnReissue>;
    readonly reissueWindowHours: Optional<number>;
    readonly confirmWithinSeconds: Optional<number>;
}

export const commonProperties: CommonProperties = {
    comment: byRule(commonRules.comment).meta({
        description:
            "The reason for the cancellation. One line, not blank, without control, bidirectional or invisible " +
            "characters. It is sent as `Comment`, followed by a tag: `[pulumi PROJECT/STACK/NAME DIGEST]`, with the " +
            "first 12 digits of the declaration digest. Everyone with read access to Defender sees it. Text that " +
            "imitates the tag is refused.",
        minLength: 1,
    }),
    notAfter: byRule(commonRules.notAfter)
        .optional()
        .meta({
            description:
                "RFC 3339 time with its zone, such as `2026-05-04T18:00:00Z`. No cancel request is sent after this time. " +
                "The later of the runner's clock and the API's clock counts. A proof stays valid after it.",
            format: "date-time",
        }),
    ifAlreadyFinal: ifAlreadyFinal.optional().meta({
        description:
            "What to do when the action already ended as Succeeded or Failed: " +
            `${choices(ifAlreadyFinalValues, defaults.ifAlreadyFinal, {
                fail: "fails the update",
                accept: "records the action with the outcome `tooLate`",
            })}. An action that ended as TimeOut never makes the update fail, because it did not reach the machine.`,
    }),
    onReissue: z
        .enum(onReissueValues, { error: choiceOf(onReissueValues) })
        .optional()
        .meta({
            description:
                "How to treat a re-issue, which is a later action of the same type on the same machine: " +
                `${choices(onReissueValues, defaults.onReissue, {
                    drift: "shows it as drift, and `up` fails until it is resolved",
                    cancel: "lets `up` cancel it",
                    ignore: "records it",
                })}. \`cancel\` requires \`notAfter\` and \`expect.requestor\`.`,
        }),
    reissueWindowHours: numberUpTo(limits.reissueWindowHours, expectedHours)
        .optional()
        .meta({
            description: bounded(
                "reissueWindowHours",
                "How long after the cancellation a later action counts as a re-issue, in hours.",
            ),
        }),
    confirmWithinSeconds: numberUpTo(limits.confirmWithinSeconds, expectedSeconds)
        .optional()
        .meta({
            description: bounded(
                "confirmWithinSeconds",
                "How long `up` waits for the final status after its cancel request, in seconds.",
            ),
        }),
};

/** The properties of a set, except its list. */
export const setProperties: CommonProperties & { readonly maxCancellations: Optional<number> } = {
    ...commonProperties,
    ifAlreadyFinal: withMore(commonProperties.ifAlreadyFinal, "An entry's own value takes precedence."),
    onReissue: withMore(
        commonProperties.onReissue,
        "With `cancel`, each entry needs `expect.requestor`, and at most one re-issue of each entry is cancelled in a " +
            "run; the guard's `maxPerRun` limits their sum.",
    ),
    confirmWithinSeconds: withMore(
        commonProperties.confirmWithinSeconds,
        "The time counts from each action's own request, so the time that a long set waits for the quota does not count.",
    ),
    maxCancellations: z
        .int({ error: expectedCount })
        .min(1, { error: expectedCount })
        .max(limits.maxCancellations, { error: expectedCount })
        .optional()
        .meta({
            description: bounded(
                "maxCancellations",
                "A list with more entries is refused, in a preview too, before anything is sent. This catches mistakes.",
            ),
        }),
};

/** The list of a set. */
export function listOf<Entry>(entry: z.ZodType<Entry>): z.ZodArray<z.ZodType<Entry>> {
    return z.array(entry, { error: "a list of cancellations" }).meta({
        description:
            `The machine actions to cancel, at most ${limits.maxCancellations.toLocaleString("en-US")}. No two entries ` +
            "may have the same `machineActionId`.",
        maxItems: limits.maxCancellations,
    });
}

function choices<Value extends string>(
    values: readonly Value[],
    byDefault: Value,
    meanings: Readonly<Record<Value, string>>,
): string {
    return values
        .map((value) => `\`${value}\`${value === byDefault ? " (default)" : ""} ${meanings[value]}`)
        .join("; ");
}

function bounded(name: keyof typeof limits, meaning: string): string {
    return `${meaning} Default ${defaults[name]}, at most ${limits[name]}.`;
}
