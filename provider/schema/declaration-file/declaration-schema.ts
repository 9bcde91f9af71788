import { z } from "zod";
import { isDeceptive } from "../../text/sanitize.ts";
import {
    choiceOf,
    commonRules,
    type Expectation,
    expectable,
    type IfAlreadyFinal,
    ifAlreadyFinalValues,
    type OnReissue,
    onReissueValues,
} from "../input-rules.ts";
import { defaults, expectedCount, expectedHours, expectedSeconds, limits } from "../limits.ts";

/** The content of a declaration file. */
export interface Declaration {
    $schema?: string | undefined;
    version: 1;
    comment: string;
    notAfter?: string | undefined;
    ifAlreadyFinal?: IfAlreadyFinal | undefined;
    onReissue?: OnReissue | undefined;
    reissueWindowHours?: number | undefined;
    confirmWithinSeconds?: number | undefined;
    maxCancellations?: number | undefined;
    cancellations: DeclarationEntry[];
}

export interface DeclarationEntry {
    machineActionId: string;
    expect?: { [Field in keyof Expectation]?: string | undefined } | undefined;
    ifAlreadyFinal?: IfAlreadyFinal | undefined;
    note?: string | undefined;
}

// The schema of a declaration file. The check of a file and the JSON Schema are both derived from it. The message of
// each rule describes the expected value.
const text = z.string({ error: "text; a value that looks like a number needs quotes" });

const oneLine = text.refine((value) => value.trim() !== "" && !isDeceptive(value), {
    error: "one line of text that is not blank, without control, bidirectional or invisible characters",
});

/** The pattern lists both cases, because a JSON Schema cannot express the flag `i`. */
const guid = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

function byRule(name: string) {
    return text.superRefine((value, context) => {
        const expected = commonRules[name]?.(value);
        if (expected) {
            context.addIssue({ code: "custom", message: expected });
        }
    });
}

function numberUpTo(max: number, error: string) {
    return z.number({ error }).positive({ error }).max(max, { error });
}

const ifAlreadyFinal = z.enum(ifAlreadyFinalValues, { error: choiceOf(ifAlreadyFinalValues) });

const expect = z
    .strictObject(
        {
            type: oneLine.optional().meta({ description: "Isolate, RunAntiVirusScan, LiveResponse ..." }),
            machineId: oneLine.optional().meta({ description: "40 hexadecimal digits." }),
            computerDnsName: oneLine.optional(),
            requestor: oneLine.optional().meta({ description: "The user or application that submitted the action." }),
            requestorComment: oneLine.optional(),
            relatedFile: oneLine.optional().meta({ description: "The hash of the file that the action is about." }),
            externalId: oneLine.optional(),
        } satisfies Record<keyof Expectation, z.ZodType>,
        { error: `an object with at least one of ${expectable.join(", ")}` },
    )
    .refine((value) => Object.values(value).some((field) => field !== undefined), {
        error: `an object with at least one of ${expectable.join(", ")}`,
    })
    .meta({
        description: "The values that the reviewer approves. If one differs, nothing is sent.",
        minProperties: 1,
    });

const entry = z.strictObject(
    {
        machineActionId: text
            .regex(guid, {
                error: "the id of a machine action, a GUID such as 5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
            })
            .meta({ description: "The machine action to cancel, a GUID." }),
        expect: expect.optional(),
        ifAlreadyFinal: ifAlreadyFinal
            .optional()
            .meta({ description: "For this action only: a reviewed acknowledgement that it ran." }),
        note: oneLine.optional().meta({ description: "A note for the reviewers of the file; it is never sent." }),
    },
    { error: "an object with a machineActionId" },
);

export const declarationSchema: z.ZodType<Declaration> = z
    .strictObject(
        {
            $schema: text.optional().meta({ description: "The URL of this schema, for editors; otherwise ignored." }),
            version: z.literal(1, { error: "1, the only version" }),
            comment: byRule("comment").meta({
                description:
                    "The reason for the cancellations. Defender records it, and everyone with read access to Defender sees it.",
                minLength: 1,
            }),
            notAfter: byRule("notAfter").optional().meta({
                description: "Nothing is sent after this time, such as 2026-05-04T18:00:00Z.",
                format: "date-time",
            }),
            ifAlreadyFinal: ifAlreadyFinal.optional().meta({
                description: `What to do with actions that ended as Succeeded or Failed. Default: ${defaults.ifAlreadyFinal}.`,
            }),
            onReissue: z
                .enum(onReissueValues, { error: choiceOf(onReissueValues) })
                .optional()
                .meta({
                    description:
                        `How to treat a later action of the same type on the same machine. Default: ${defaults.onReissue}. ` +
                        '"cancel" requires notAfter, and expect.requestor in every entry.',
                }),
            reissueWindowHours: numberUpTo(limits.reissueWindowHours, expectedHours)
                .optional()
                .meta({
                    description: `How long after the cancellation a later action is a re-issue, in hours. Default: ${defaults.reissueWindowHours}.`,
                }),
            confirmWithinSeconds: numberUpTo(limits.confirmWithinSeconds, expectedSeconds)
                .optional()
                .meta({
                    description: `How long to wait for the final status after a cancel request, in seconds. Default: ${defaults.confirmWithinSeconds}.`,
                }),
            maxCancellations: z
                .int({ error: expectedCount })
                .min(1, { error: expectedCount })
                .max(limits.maxCancellations, { error: expectedCount })
                .optional()
                .meta({
                    description: `A file with more entries is refused, to catch mistakes. Default: ${defaults.maxCancellations}.`,
                }),
            cancellations: z
                .array(entry, { error: "a list of cancellations" })
                .meta({ maxItems: limits.maxCancellations }),
        },
        { error: "a mapping with version, comment and cancellations" },
    )
    .meta({
        title: "Cancellations of Microsoft Defender for Endpoint machine actions",
        description: "A declaration file of pulumi-defender-cancellation; docs/declaration-files.md describes it.",
    });

/** The JSON Schema with which editors check a declaration file; shipped as `declaration.schema.json`. */
export function declarationJsonSchema(): unknown {
    return z.toJSONSchema(declarationSchema, { target: "draft-7", io: "input" });
}
