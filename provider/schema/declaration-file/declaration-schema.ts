import { z } from "zod";
import { entryProperties, listOf, setProperties, text } from "../declared-properties.ts";
import type { Expectation, IfAlreadyFinal, OnReissue } from "../input-rules.ts";

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
const entry = z.strictObject(entryProperties, { error: "an object with a machineActionId" });

export const declarationSchema: z.ZodType<Declaration> = z
    .strictObject(
        {
            $schema: text.optional().meta({ description: "The URL of this schema, for editors; otherwise ignored." }),
            version: z.literal(1, { error: "1, the only version" }),
            ...setProperties,
            cancellations: listOf(entry),
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
