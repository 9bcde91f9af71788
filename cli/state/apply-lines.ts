import { z } from "zod";

/**
 * The lines of an `apply` that has not ended: one JSON object a line, numbered from 0. `cli/apply/evidence-record`
 * writes them, and `apply-record` reads them. `docs/command-line.md` has the format.
 */

/** The kind of the first line. */
export const journalKind = "defender-cancellation apply journal";

export const journalVersion = 1;

const text = z.string().optional();
const time = z.string().refine((value) => !Number.isNaN(Date.parse(value)));
const properties = z.record(z.string(), z.unknown());

const header = z.object({
    line: z.literal(0),
    kind: z.literal(journalKind),
    version: z.number(),
    packageVersion: text,
    reason: text,
    declaredBy: text,
    operator: text,
    file: text,
    fileSha256: text,
    digest: z.string(),
    startedAtUtc: time,
    /** As in the document at the end, without the outputs. */
    resource: z.object({ type: z.string(), id: text, inputs: properties }),
});

/** A cancel request, written before it is sent. */
const request = z.object({
    line: z.number(),
    kind: z.literal("request"),
    /** The number of the request in this run, from 1. */
    request: z.number(),
    machineActionId: z.string(),
    atUtc: time,
    /** When the reading that allows the request was received. */
    observedAtUtc: time,
    /** The action in that reading, under the names of the outputs. */
    action: properties,
    comment: z.string(),
    digest: z.string(),
    appId: text,
    tenantId: text,
    apiHost: z.string(),
    packageVersion: z.string(),
    guardSha256: text,
    approvedDigest: text,
});

/** The answer to a request, or why there is none. */
const answer = z.object({
    line: z.number(),
    kind: z.literal("answer"),
    /** The number of the request. */
    request: z.number(),
    machineActionId: z.string(),
    atUtc: time,
    result: z.enum(["accepted", "refused", "unknown", "not sent"]),
    status: z.number().optional(),
    correlationId: text,
    date: text,
    failure: text,
});

/** A proven final status: the outputs that a single resource would have. */
const proof = z.object({
    line: z.number(),
    kind: z.literal("proof"),
    machineActionId: z.string(),
    outputs: properties,
});

/** The document of the end, where it could not replace the lines. */
const document = z.object({ line: z.number(), kind: z.literal("document"), document: properties });

export const applyLine = z.discriminatedUnion("kind", [header, request, answer, proof, document]);

export type HeaderLine = z.infer<typeof header>;
export type RequestLine = z.infer<typeof request>;
export type AnswerLine = z.infer<typeof answer>;
export type ApplyLine = z.infer<typeof applyLine>;
