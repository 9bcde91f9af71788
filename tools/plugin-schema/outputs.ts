import { z } from "zod";
import { type EvidencePlace, evidenceFields, evidenceNames } from "../../provider/model/evidence.ts";
import type { CommandParameter, MachineActionCommand, RelatedFileInfo } from "../../provider/model/machine-action.ts";
import type { CancellationRecord } from "../../provider/model/outputs.ts";
import type { Reissue, ReissueCounts } from "../../provider/model/reissue.ts";
import { describedBy, meaningsIn, type Shape } from "./documented.ts";

/**
 * The outputs of the resources and the machine actions of a look-up. The documents have the descriptions. A property is
 * required where every record has it.
 */

const ofAction = meaningsIn("machine-actions.md", "## Properties");
const ofCancellation = new Map([
    ...ofAction,
    ...meaningsIn("machine-actions.md", "## Re-issues"),
    ...meaningsIn("resource.md", "## Outputs"),
]);
const ofSet = meaningsIn("sets.md", "### Outputs");
const ofQuery = meaningsIn("sets.md", "## getMachineActions");
const ofResult = meaningsIn("machine-actions.md", "## Only from getMachineActions");
const ofEvidence = new Map(
    ["## A single cancellation", "## A run of a set"].flatMap((heading) => [...meaningsIn("evidence.md", heading)]),
);

const text = z.string();

/** A type with a name of its own. Names of types are permanent, because programs contain them. */
function named(id: string, description: string, shape: Shape): z.ZodType {
    return z.object(shape).meta({ id, description });
}

function evidence(place: EvidencePlace): Shape {
    const fields = evidenceNames(place).map((name): [string, z.ZodType] => {
        const { type, isRequired } = evidenceFields[name];
        const schema = type === "number" ? z.int() : text;
        return [name, isRequired ? schema : schema.optional()];
    });
    return describedBy(ofEvidence, Object.fromEntries(fields));
}

const relatedFileInfo = named(
    "RelatedFileInfo",
    "The file that a machine action is about.",
    describedBy(
        ofCancellation,
        { fileIdentifier: text, fileIdentifierType: text.optional() } satisfies Record<
            keyof RelatedFileInfo,
            z.ZodType
        >,
        "relatedFileInfo.",
    ),
);

const reissue = named(
    "Reissue",
    "A later action that repeats a cancelled action.",
    describedBy(
        ofCancellation,
        {
            id: text,
            requestor: text.optional(),
            creationDateTimeUtc: text.optional(),
            status: text,
            requestedAtUtc: text.optional(),
            confirmedAtUtc: text.optional(),
        } satisfies Record<keyof Reissue, z.ZodType>,
        "reissues.",
    ),
);

const reissueCounts = named(
    "ReissueCounts",
    "The numbers of re-issues of one cancelled action, if its record does not list all of them.",
    describedBy(
        ofCancellation,
        { total: z.int(), unlistedOpen: z.int() } satisfies Record<keyof ReissueCounts, z.ZodType>,
        "reissueCounts.",
    ),
);

/** The properties of an action that a look-up and a cancellation show. */
const action = {
    status: text,
    type: text.optional(),
    machineId: text.optional(),
    computerDnsName: text.optional(),
    requestor: text.optional(),
    requestorComment: text.optional(),
    requestSource: text.optional(),
    scope: text.optional(),
    title: text.optional(),
    externalId: text.optional(),
    relatedFileInfo: relatedFileInfo.optional(),
    creationDateTimeUtc: text.optional(),
    lastUpdateDateTimeUtc: text.optional(),
    cancellationRequestor: text.optional(),
    cancellationComment: text.optional(),
    cancellationDateTimeUtc: text.optional(),
    // No integer, because an HRESULT without a sign exceeds the integers of .NET and Java.
    errorHResult: z.number().optional(),
};

const reissues = { reissues: z.array(reissue).optional(), reissueCounts: reissueCounts.optional() };

const record = {
    outcome: text.optional(),
    adoptedFrom: text.optional(),
    effect: text.optional(),
    statusBeforeCancel: text.optional(),
    requestedAtUtc: text.optional(),
    confirmedAtUtc: text.optional(),
} satisfies Record<Exclude<keyof CancellationRecord, "evidence" | "request">, z.ZodType>;

/** What every record has, beside the inputs. */
const ours = { desiredStatus: text, declaredBy: text.optional() };

/** The outputs of a single cancellation, without its inputs. */
export const cancellationOutputs: Shape = describedBy(ofCancellation, {
    ...action,
    commandSummary: text.optional(),
    ...record,
    evidence: named(
        "Evidence",
        "The cancel request and its proof, with Microsoft's ids and the server's clock.",
        evidence("cancellation"),
    ).optional(),
    ...reissues,
    ...ours,
});

/** The outputs of a single cancellation that the result of a set leaves out, because others of its values show them. */
const leftOut = [
    "requestSource",
    "scope",
    "lastUpdateDateTimeUtc",
    "cancellationRequestor",
    "cancellationComment",
    "errorHResult",
    "evidence",
    ...Object.keys(ours),
];

const result = named("SetResult", "The result of one cancellation of a set.", {
    ...Object.fromEntries(
        Object.entries(cancellationOutputs)
            .filter(([name]) => !leftOut.includes(name))
            // A cancellation that failed before its first reading has no status.
            .map(([name, schema]) => [name, name === "status" ? optional(schema) : schema]),
    ),
    ...evidence("result"),
    ...describedBy(ofSet, {
        failure: text.optional(),
        run: z.int().optional(),
        postStatus: z.int().optional(),
        posts: z.int().optional(),
        ifAlreadyFinal: text.optional(),
    }),
});

function optional(schema: z.ZodType): z.ZodType {
    return schema.optional().meta({ description: schema.description });
}

/** The outputs of a set, without its inputs. */
export const setOutputs: Shape = {
    ...describedBy(ofSet, {
        results: z.record(z.string(), result),
        counts: z.record(z.string(), z.int()),
        evidence: z.array(
            named("RunEvidence", "The evidence that the cancel requests of one run have in common.", evidence("run")),
        ),
        digest: text,
        desiredStatus: text,
    }),
    ...describedBy(ofCancellation, { declaredBy: text.optional() }),
};

const parameter = named(
    "CommandParameter",
    "A parameter of a command of a live response.",
    describedBy(
        ofResult,
        { key: text, value: text } satisfies Record<keyof CommandParameter, z.ZodType>,
        "commands.command.params.",
    ),
);

const command = named(
    "MachineActionCommand",
    "One command of a live response.",
    describedBy(
        ofResult,
        {
            commandStatus: text,
            startTime: text.optional(),
            endTime: text.optional(),
            command: named(
                "MachineActionCommandDetails",
                "What a command of a live response does.",
                describedBy(
                    ofResult,
                    { type: text, params: z.array(parameter) } satisfies Record<
                        keyof NonNullable<MachineActionCommand["command"]>,
                        z.ZodType
                    >,
                    "commands.command.",
                ),
            ).optional(),
        } satisfies Record<keyof MachineActionCommand, z.ZodType>,
        "commands.",
    ),
);

const machineAction = named("MachineAction", "A machine action as the API returned it, with its text sanitized.", {
    ...describedBy(ofAction, { id: text }),
    ...describedBy(ofAction, action),
    ...describedBy(ofResult, { commands: z.array(command) }),
});

/** What a look-up of machine actions takes. */
export const queryInputs: Shape = describedBy(ofQuery, {
    status: z.array(text).optional(),
    type: z.array(text).optional(),
    machineId: text.optional(),
    requestor: text.optional(),
    createdAfter: text.optional(),
    createdBefore: text.optional(),
    top: z.int().optional(),
});

export const queryOutputs: Shape = describedBy(ofResult, { machineActions: z.array(machineAction) });
